# password FILE…: one line of JSON for each PKCS#12 file, as Ruby's OpenSSL reads it.
require "json"
require "openssl"

password, *files = ARGV
sha256 = ->(der) { OpenSSL::Digest::SHA256.hexdigest(der) }

files.each do |file|
  opened = OpenSSL::PKCS12.new(File.binread(file), password)
  raise "key and certificate differ" unless opened.certificate.check_private_key(opened.key)

  certificates = [opened.certificate, *opened.ca_certs]
  puts JSON.generate(
    key: sha256.(opened.key.public_to_der), certificates: certificates.map { |c| sha256.(c.to_der) },
  )
end
