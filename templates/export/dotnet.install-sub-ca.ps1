# Puts the sub CA of the client certificate into the store of Windows: .NET sends it along only if it finds it there.
# Nothing in it is secret. It is no trust anchor there.
#
#   powershell -ExecutionPolicy Bypass -File install-sub-ca.ps1            for the account that runs it
#   powershell -ExecutionPolicy Bypass -File install-sub-ca.ps1 -Machine   for every account, as administrator: services, IIS
param([switch]$Machine)
$ErrorActionPreference = 'Stop'
$owner = 'CurrentUser'
if ($Machine) { $owner = 'LocalMachine' }
Import-Certificate -FilePath (Join-Path $PSScriptRoot 'sub-ca\sub-ca.cer') -CertStoreLocation "Cert:\$owner\CA"
