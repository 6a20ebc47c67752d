# [spaces]: reads the variables of Renalware as it does, and prints the status of a validation at MESH. With `spaces`
# every line end in them has become a blank before, as some hosts make it.

require "fileutils"
require_relative "../mesh"

def variable(name)
  value = ENV[name]
  ARGV[0] == "spaces" ? value&.tr("\n", " ") : value
end

# Renalware takes a text whose first line is longer than a `BEGIN CERTIFICATE` for one that lost its line ends.
def repaired(text)
  first = text.index("\n")
  first && first <= 28 ? text : text.gsub(/ (?!CERTIFICATE|PRIVATE|KEY)/, "\n")
end

def pem(path, text)
  path = variable(path)
  path && File.exist?(path) ? File.read(path) : repaired(variable(text))
end

def ca_file
  path = File.expand_path(variable("MESH_PATH_TO_NHS_CA_FILE"), Dir.pwd)
  File.write(path, repaired(variable("MESH_NHS_CA_CERT"))) unless File.exist?(path)
  path
end

FileUtils.mkdir_p("tmp")
certificate = OpenSSL::X509::Certificate.new(pem("MESH_PATH_TO_CLIENT_CERT", "MESH_CLIENT_CERT"))
key = OpenSSL::PKey::RSA.new(pem("MESH_PATH_TO_CLIENT_KEY", "MESH_CLIENT_KEY"))
mailbox = variable("MESH_MAILBOX_ID")
header = authorization(mailbox, variable("MESH_MAILBOX_PASSWORD"), variable("MESH_API_SECRET"))
puts status("#{variable("MESH_API_BASE_URL")}/#{mailbox}", certificate, key, ca_file, header)
