// Columns count UTF-16 units: every 𝒳 and 🚀 here is two of them.
const 𝒳 = { "🚀": "🚀🚀 launched 🛰️", "é": "e\u0301" };

export class Rocket<T extends { "🚀": string }> {
  constructor(private readonly cargo: T, private readonly 名前: string) {}

  launch(): string {
    const 軌道 = "🌍→🌕"; if (!this.名前) { throw new Error(`🚀 ${軌道} has no name`); }
    return "🚀".repeat(3) + this.cargo["🚀"] + 軌道 + this.名前;
  }

  async *stages(count: number) {
    for (let 𝑛 = 0; 𝑛 < count; 𝑛++) { yield `🔥${𝑛}` + this.launch(); }
  }
}

(globalThis as any).app = { Rocket, greet: (who: string) => "👋🏽 " + who + " " + 𝒳["🚀"] };
