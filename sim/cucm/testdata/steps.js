// Runs the steps of a JSON file, [[operation, tags], …], through the cisco-axl
// client and prints one JSON line a step: {"op", "result"} or {"op", "error"}.
//
// The client reads its 80,000 lines of schema again for each operation; one
// reading is enough here.
const { soap } = require("strong-soap");
const create = soap.createClient;
let made;
soap.createClient = (url, options, done) => {
  if (made) return done(null, made);
  create(url, options, (err, client) => {
    made = client;
    if (client) client.setMaxListeners(0);
    done(err, client);
  });
};
const axl = require("cisco-axl");
const [, , host, user, password, version, file] = process.argv;
const service = new axl(host, user, password, version);
(async () => {
  for (const [op, tags] of JSON.parse(require("fs").readFileSync(file, "utf8"))) {
    try {
      const result = await service.executeOperation(op, tags);
      console.log(JSON.stringify({ op, result }));
    } catch (e) {
      console.log(JSON.stringify({ op, error: e && e.faultstring ? e.faultstring : String(e) }));
    }
  }
})();
