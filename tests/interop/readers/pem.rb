# passphrase ENCRYPTED-KEY PLAIN-KEY CERTIFICATE CA-BUNDLE, as a Rails application loads them.
require "json"
require "openssl"

passphrase, encrypted, plain, certificate, ca_bundle = ARGV

[OpenSSL::PKey.read(File.read(encrypted), passphrase), OpenSSL::PKey.read(File.read(plain))].each do |key|
  puts JSON.generate(key: OpenSSL::Digest::SHA256.hexdigest(key.public_to_der))
end

store = OpenSSL::X509::Store.new
store.add_file(ca_bundle)
store.purpose = OpenSSL::X509::PURPOSE_SSL_CLIENT
puts JSON.generate(trusted: store.verify(OpenSSL::X509::Certificate.new(File.read(certificate))))
