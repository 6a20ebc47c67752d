# What the readers in Ruby share: the Authorization header of the MESH API, and a validation over mutual TLS.

require "net/http"
require "openssl"
require "securerandom"

def authorization(mailbox, password, shared_key)
  nonce = SecureRandom.uuid
  at = Time.now.utc.strftime("%Y%m%d%H%M")
  hash = OpenSSL::HMAC.hexdigest("SHA256", shared_key, [mailbox, nonce, 1, password, at].join(":"))
  "NHSMESH #{[mailbox, nonce, 1, at, hash].join(":")}"
end

# The status of a GET there. As Faraday has it: one certificate, and a store of its own to which the file is added.
def status(address, certificate, key, ca_file, authorization)
  uri = URI(address)
  http = Net::HTTP.new(uri.host, uri.port)
  http.use_ssl = true
  http.verify_mode = OpenSSL::SSL::VERIFY_PEER
  http.cert_store = OpenSSL::X509::Store.new.tap(&:set_default_paths)
  http.ca_file = ca_file
  http.cert = certificate
  http.key = key
  http.open_timeout = http.read_timeout = 20
  headers = {
    "Accept" => "application/vnd.mesh.v2+json",
    "Authorization" => authorization,
    "mex-clientversion" => "Reader 1.0.0",
    "mex-osarchitecture" => "x86_64",
    "mex-osname" => "Linux",
    "mex-osversion" => "1"
  }
  http.get(uri.request_uri, headers).code
end
