# settings|env [KEY]: what Mavis makes of its settings, from settings.local.yml or from the environment. Prints the
# status of a validation at MESH, or the value of one setting as Ruby shows it.

require "erb"
require "yaml"
require_relative "../mesh"

# As the gem `config` makes values of variables.
def parsed(text)
  return text == "true" if %w[true false].include?(text)
  Integer(text, exception: false) || Float(text, exception: false) || text
end

def from_file
  YAML.safe_load(ERB.new(File.read("settings.local.yml")).result).fetch("mesh")
end

def from_variables
  ENV.filter_map do |name, value|
    prefix, section, key, *more = name.split("__")
    [key.downcase, parsed(value)] if prefix == "MAVIS" && section == "MESH" && more.empty?
  end.to_h
end

mesh = ARGV[0] == "env" ? from_variables : from_file
if ARGV[1]
  p mesh[ARGV[1]]
else
  certificate = OpenSSL::X509::Certificate.new(mesh.fetch("certificate"))
  key = OpenSSL::PKey::RSA.new(mesh.fetch("private_key"), mesh.fetch("private_key_passphrase"))
  header = authorization(mesh.fetch("mailbox"), mesh.fetch("password"), mesh.fetch("shared_key"))
  address = "#{mesh.fetch("base_url")}/messageexchange/#{mesh.fetch("mailbox")}"
  puts status(address, certificate, key, "mesh_ca_bundle.pem", header)
end
