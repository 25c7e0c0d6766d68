// Lets everything fail and prints what an SDK would send: type, message and V8's stack trace.
async function report() {
  const { scenarios } = await import("./scenarios.mjs");
  for (const [scenario, act] of Object.entries(scenarios)) {
    try {
      await act();
    } catch (error) {
      console.log(JSON.stringify({ scenario, type: error.name, value: error.message, stack: error.stack }));
    }
  }
}

void report();
