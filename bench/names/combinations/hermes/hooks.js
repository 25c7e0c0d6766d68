// As harness/hooks.cjs, in Hermes, which prints a stack and has no other words for it.
(function (BUILTINS, LIMIT) {
  var seen = new Set();
  var add = seen.add.bind(seen);
  var split = Function.prototype.call.bind(String.prototype.split);
  var list = Function.prototype.call.bind(Set.prototype.forEach);
  var apply = Reflect.apply;
  var busy = false;
  var step = 0;
  globalThis.console = { log: print };
  globalThis.nextStep = function () { step++; };

  function capture() {
    busy = true;
    var lines = split(new Error().stack, '\n');
    for (var at = 0; at < lines.length; at++) add(lines[at]);
    busy = false;
  }

  function hook(owner, name) {
    var original = owner[name];
    if (typeof original !== 'function') return;
    var count = 0;
    var counted = 0;
    function hooked() {
      if (counted !== step) { counted = step; count = 0; }
      if (!busy && count++ < LIMIT) capture();
      return apply(original, this, arguments);
    }
    Object.defineProperty(owner, name, { value: hooked, writable: true, configurable: true, enumerable: false });
  }

  var all = Object.entries(BUILTINS).map(function (each) {
    return [each[0].split('.').reduce(function (owner, name) { return owner && owner[name]; }, globalThis), each[1].split(' ')];
  });
  for (var at = 0; at < all.length; at++) for (var next = 0; all[at][0] && next < all[at][1].length; next++) hook(all[at][0], all[at][1][next]);

  globalThis.finished = function () {
    busy = true;
    list(seen, function (line) { print('FRAME' + line); });
  };
})
