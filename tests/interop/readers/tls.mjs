// password PFX ROOT ENCRYPTED-KEY CERTIFICATE CHAIN FULLCHAIN PLAIN-KEY
//
// Connects to a server of its own, which trusts ROOT alone and asks for a certificate: with the PFX, with the
// encrypted key, and with the plain one. A line of JSON says what the server saw each time.
import { createHash } from "node:crypto";
import { readFileSync as read } from "node:fs";
import tls from "node:tls";

const [passphrase, pfx, root, encrypted, certificate, chain, fullchain, plain] = process.argv.slice(2);
const ca = read(root);

const clients = [
  { pfx: read(pfx), passphrase },
  { key: read(encrypted), passphrase, cert: read(fullchain) },
  { key: read(plain), cert: Buffer.concat([read(certificate), read(chain)]) },
].map((credentials) => tls.createSecureContext({ ...credentials, ca }));

const server = tls.createServer({
  key: read(plain), cert: read(fullchain), ca, requestCert: true, rejectUnauthorized: false,
}, (socket) => {
  const seen = socket.getPeerCertificate();
  const leaf = seen.raw && createHash("sha256").update(seen.raw).digest("hex");
  socket.end(JSON.stringify({ authorized: socket.authorized, leaf, error: socket.authorizationError }));
});

function connect(port, secureContext) {
  return new Promise((resolve, reject) => {
    let text = "";
    // The server's certificate is the client's own, which bears no host name.
    tls.connect({ host: "127.0.0.1", port, secureContext, checkServerIdentity: () => undefined })
      .on("data", (data) => { text += data; })
      .on("end", () => resolve(text))
      .on("error", reject);
  });
}

server.listen(0, "127.0.0.1", async () => {
  try {
    for (const client of clients) console.log(await connect(server.address().port, client));
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  } finally {
    server.close();
  }
});
