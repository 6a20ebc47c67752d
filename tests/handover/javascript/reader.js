// Opens a mailbox of MESH with the fields of config.json, as nhs-mesh-client does, and once more with the server checked.
//
//     node reader.js sender|receiver
//
// Prints the status of both.
const { createHmac, randomUUID } = require("node:crypto");
const { readFileSync } = require("node:fs");
const https = require("node:https");

const role = process.argv[2];
const config = JSON.parse(readFileSync("config.json", "utf8"));
// The client compares texts: the boolean would be taken for integration mode, whichever it is.
if (config.sandbox !== "false") throw new Error("it would talk to a sandbox");
const mailbox = config[`${role}MailboxID`];
const client = { cert: config[`${role}Cert`], key: config[`${role}Key`] };

function authorization() {
  const time = new Date().toISOString().replace(/\D/g, "").slice(0, 12);
  const parts = [mailbox, randomUUID(), "0"];
  const signed = [...parts, config[`${role}MailboxPassword`], time].join(":");
  const hash = createHmac("sha256", config.sharedKey).update(signed).digest("hex");
  return `NHSMESH ${[...parts, time, hash].join(":")}`;
}

function handshake(trust) {
  const headers = {
    authorization: authorization(),
    "mex-clientversion": "reader==1",
    "mex-osname": "Linux",
    "mex-osversion": "1",
  };
  const agent = new https.Agent({ ...client, ...trust });
  return new Promise((resolve, reject) => {
    https
      .get(`${config.url}/messageexchange/${mailbox}`, { agent, headers }, (answer) => {
        answer.resume();
        answer.on("end", () => resolve(answer.statusCode));
      })
      .on("error", reject);
  });
}

(async () => {
  const asTheClient = await handshake({ rejectUnauthorized: false });
  const checked = await handshake({ rejectUnauthorized: true, ca: readFileSync("ca.pem") });
  console.log(`${asTheClient} ${checked}`);
})().catch((error) => {
  console.log(String(error));
  process.exitCode = 1;
});
