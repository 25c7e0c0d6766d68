// Classes, private fields, generators and async code, which Metro's Babel lowers.
class Listeners {
  #all = new Set();

  add(listener) {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  *[Symbol.iterator]() {
    yield* this.#all;
  }
}

export class Store {
  static empty = new Store({});

  constructor(state) {
    this.state = state;
    this.listeners = new Listeners();
  }

  get size() {
    return Object.keys(this.state).length;
  }

  async dispatch(action) {
    const change = await action(this.state);
    this.state = { ...this.state, ...change };
    for (const listener of this.listeners) listener(this.state);
  }
}

export const createStore = (state = {}) => new Store(state);
