// Errors of Node.js, one function per way to fail.
class Overdrawn extends Error {
  constructor(text, options) {
    super(text, options);
    this.name = "Overdrawn";
    this.code = "E_OVERDRAWN";
    this.account = { id: 17, owner: { name: "Ada", tags: ["a", "b"] } };
  }
}

function pay(account) {
  throw new Overdrawn(`account ${account}`);
}

function caught(act) {
  try {
    act();
  } catch (error) {
    console.error(error);
  }
}

const cases = {
  plain: () => caught(() => { throw new Error("plain failure"); }),
  custom: () => caught(() => pay(17)),
  cause: () => caught(() => {
    try { null.x; } catch (error) { throw new Error("payment failed", { cause: error }); }
  }),
  deepCause: () => caught(() => {
    try {
      try { pay(17); } catch (error) { throw new TypeError("second", { cause: error }); }
    } catch (error) { throw new Error("third", { cause: error }); }
  }),
  aggregate: () => caught(() => {
    throw new AggregateError([new Error("one"), new RangeError("two")], "several");
  }),
  typeError: () => caught(() => undefined.pay()),
  rangeError: () => caught(() => new Array(-1)),
  props: () => caught(() => { throw Object.assign(new Error("with fields"), { status: 503, retry: true, path: "/a" }); }),
  lines: () => caught(() => { throw new Error("first line\nsecond line\n  third line"); }),
  blank: () => caught(() => { throw new Error("before\n\nafter the blank line"); }),
  async: async () => {
    const fail = async () => { await null; throw new Error("from a promise"); };
    try { await fail(); } catch (error) { console.error(error); }
  },
  nested: () => caught(() => [1].map(() => [2].forEach(() => { throw new Error("inside map"); }))),
  noMessage: () => caught(() => { throw new Error(); }),
  system: () => caught(() => require("fs").readFileSync("/no/such/file")),
  assertion: () => caught(() => require("assert").deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] })),
  errorInObject: () => console.error({ when: "paying", error: new Error("inside an object") }),
  uncaught: () => { throw new Error("nobody caught this"); },
  uncaughtCause: () => {
    try { pay(17); } catch (error) { throw new Error("payment failed", { cause: error }); }
  },
  uncaughtString: () => { throw "just a string"; },
  uncaughtObject: () => { throw { code: 17, text: "an object" }; },
  rejection: () => { Promise.reject(new Error("unhandled")); },
  rejectionString: () => { Promise.reject("no error at all"); },
  aggregateUncaught: () => { Promise.any([Promise.reject(new Error("one")), Promise.reject(new Error("two"))]); },
};
cases[process.argv[2]]();
