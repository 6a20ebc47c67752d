// Validates a mailbox at MESH from nothing but what `node --env-file mesh.env` puts into the environment; prints the status.
const { createHmac, randomUUID } = require("node:crypto");
const https = require("node:https");

const told = process.env;
const mailbox = told.MESH_MAILBOX_ID;
const nonce = randomUUID();
const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 12);
const message = [mailbox, nonce, 1, told.MESH_MAILBOX_PASSWORD, stamp].join(":");
const proof = createHmac("sha256", told.MESH_SHARED_KEY).update(message).digest("hex");
const request = https.request(`${told.MESH_URL}/messageexchange/${mailbox}`, {
  method: "POST",
  cert: told.MESH_CLIENT_CERT,
  key: told.MESH_CLIENT_KEY,
  ca: told.MESH_CA_CERT,
  headers: {
    authorization: `NHSMESH ${mailbox}:${nonce}:1:${stamp}:${proof}`,
    "mex-clientversion": "connect==1",
    "mex-osname": "any",
    "mex-osversion": "1",
  },
});
request.on("response", (response) => {
  console.log(response.statusCode);
  response.resume();
});
request.end();
