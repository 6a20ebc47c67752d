"""Opens a mailbox of MESH from .NET, the way .NET applications do, with the settings that they are given.

    reader.py nel-mesh [FILE]      the section MeshConfiguration of FILE, an appsettings.json, with variables such as
                                   MeshConfiguration__Password laid over it, as NEL.MESH is given it
    reader.py dotnet-mesh-client   the variables MeshApiBaseUrl, MeshKeyName (a PFX) and so on, in either way of naming
                                   them that cohort manager has

.NET sends the client's certificate without its sub CA, even one that the PFX holds, unless the machine knows the sub CA.

Prints the status of the handshake, or the error; exits 0 when it is 200. DOTNET_FOLDER is where libcoreclr.so lies.
All of TLS, PKCS#12, JSON, variables and HTTP is .NET's; Python only calls it.
"""

import ctypes
import os
import pathlib
import sys

import clr_loader
import pythonnet


class CoreClr(clr_loader.Runtime):
    """The runtime out of the folder of a self-contained application, which the usual host refuses to lend."""

    def __init__(self, folder):
        self.library = ctypes.CDLL(str(folder / "libcoreclr.so"))
        bridge = pathlib.Path(pythonnet.__file__).parent / "runtime" / "Python.Runtime.dll"
        properties = {
            "TRUSTED_PLATFORM_ASSEMBLIES": ":".join(map(str, [*folder.glob("*.dll"), bridge])),
            "NATIVE_DLL_SEARCH_DIRECTORIES": f"{folder}/",
            # Or it wants ICU, which a small machine lacks.
            "System.Globalization.Invariant": "true",
        }
        self.handle, self.domain = ctypes.c_void_p(), ctypes.c_uint()
        texts = ctypes.c_char_p * len(properties)
        self.call(
            "coreclr_initialize", sys.executable.encode(), b"reader", len(properties),
            texts(*map(str.encode, properties)), texts(*map(str.encode, properties.values())),
            ctypes.byref(self.handle), ctypes.byref(self.domain),
        )  # fmt: skip

    def call(self, name, *arguments):
        if status := self.library[name](*arguments):
            raise OSError(f"{name}: {status & 0xFFFFFFFF:#x}")

    def _get_callable(self, assembly_path, typename, function):
        address = ctypes.c_void_p()
        self.call(
            "coreclr_create_delegate", self.handle, self.domain,
            pathlib.Path(assembly_path).stem.encode(), typename.encode(), function.encode(), ctypes.byref(address),
        )  # fmt: skip
        entry = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)(address.value)
        return lambda data, size: entry(int(clr_loader.ffi.ffi.cast("intptr_t", data)), size)

    def info(self):
        return clr_loader.RuntimeInfo("CoreCLR", "", True, False, {})

    def shutdown(self):
        """It ends with the process."""


pythonnet.load(CoreClr(pathlib.Path(os.environ["DOTNET_FOLDER"]).resolve()))
import clr  # noqa: E402

for assembly in (
    "Microsoft.Extensions.Configuration.EnvironmentVariables", "Microsoft.Extensions.Configuration.Json",
    "System.Net.Http", "System.Security.Cryptography",
):  # fmt: skip
    clr.AddReference(assembly)

from Microsoft.Extensions.Configuration import (  # noqa: E402
    ConfigurationBuilder, EnvironmentVariablesExtensions, JsonConfigurationExtensions,
)  # fmt: skip
from System import Boolean, Convert, DateTime, Func, Guid, Uri  # noqa: E402
from System import Exception as DotNetError  # noqa: E402
from System.Net.Http import HttpClient, HttpClientHandler, HttpMethod, HttpRequestMessage  # noqa: E402
from System.Net.Security import SslPolicyErrors  # noqa: E402
from System.Security.Authentication import SslProtocols  # noqa: E402
from System.Security.Cryptography import HMACSHA256  # noqa: E402
from System.Security.Cryptography.X509Certificates import (  # noqa: E402
    X509Certificate2, X509Certificate2Collection, X509CertificateLoader, X509Chain, X509ChainTrustMode,
    X509RevocationMode, X509VerificationFlags,
)  # fmt: skip
from System.Text import Encoding  # noqa: E402


def configuration(file=None):
    """Variables laid over a file, as every .NET application reads its settings."""
    builder = ConfigurationBuilder()
    if file:
        builder = JsonConfigurationExtensions.AddJsonFile(builder, os.path.abspath(file))
    return EnvironmentVariablesExtensions.AddEnvironmentVariables(builder).Build()


def nel_mesh(file=None):
    """Base64 throughout; the address is that of the host."""
    section = configuration(file).GetSection("MeshConfiguration")

    def certificates(name):
        found = X509Certificate2Collection()
        for entry in section.GetSection(name).GetChildren():
            found.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(entry.Value)))
        return found

    pfx = Convert.FromBase64String(section["ClientSigningCertificate"])
    password = section["ClientSigningCertificatePassword"]
    # Applications use the one or the other; their limits differ.
    X509Certificate2(pfx, password)
    client = X509CertificateLoader.LoadPkcs12(pfx, password)
    roots, intermediates = certificates("TlsRootCertificates"), certificates("TlsIntermediateCertificates")
    # It is parsed without a default there.
    if int(section["MaxChunkSizeInMegabytes"]) < 1:
        raise SystemExit("no chunk size")
    # As there: a path in the setting would be lost.
    address = Uri(Uri(section["Url"]), f"/messageexchange/{section['MailboxId']}")
    headers = [section[name] for name in ("MexClientVersion", "MexOSName", "MexOSVersion")]
    login = (section["MailboxId"], section["Password"], section["SharedKey"])
    return address, login, headers, client, roots, intermediates


def dotnet_mesh_client():
    """Files, and an address that ends in /messageexchange."""
    settings = configuration()
    one = settings.GetSection("MailboxConfigs:0")
    if one["MailboxId"]:
        login = (one["MailboxId"], one["MeshPassword"], one["SharedKey"])
        pfx, password, trusted = one["MeshKeyName"], one["MeshKeyPassword"], settings["MeshCACertName"]
    else:
        login = (settings["BSSMailBox"], settings["MeshPassword"], settings["MeshSharedKey"])
        pfx, password, trusted = settings["MeshKeyName"], settings["MeshKeyPassphrase"], settings["ServerSideCerts"]
    # Its own way through the file takes PEM blocks and nothing else.
    authorities = X509Certificate2Collection()
    for block in pathlib.Path(trusted).read_text().split("-----END CERTIFICATE-----"):
        if block := block.replace("-----BEGIN CERTIFICATE-----", "").replace("\n", ""):
            authorities.Add(X509Certificate2(Convert.FromBase64String(block)))
    address = Uri(settings["MeshApiBaseUrl"] + "/" + login[0])
    client = X509Certificate2(pfx, password)
    return address, login, ["dotnet-mesh-client", "Linux", "1"], client, authorities, authorities


def handshake(address, login, headers, client, roots, intermediates):
    def trusted(_request, certificate, chain, _errors):
        policy = chain.ChainPolicy
        policy.TrustMode = X509ChainTrustMode.CustomRootTrust
        policy.CustomTrustStore.AddRange(roots)
        policy.ExtraStore.AddRange(intermediates)
        policy.RevocationMode = X509RevocationMode.NoCheck
        policy.VerificationFlags = X509VerificationFlags.IgnoreWrongUsage
        return chain.Build(certificate)

    handler = HttpClientHandler()
    handler.SslProtocols = SslProtocols.Tls12
    handler.ClientCertificates.Add(client)
    handler.ServerCertificateCustomValidationCallback = Func[
        HttpRequestMessage, X509Certificate2, X509Chain, SslPolicyErrors, Boolean
    ](trusted)

    mailbox, password, shared_key = login
    parts = [mailbox, str(Guid.NewGuid()), "0"]
    time = DateTime.UtcNow.ToString("yyyyMMddHHmm")
    text = Encoding.UTF8.GetBytes(":".join([*parts, password, time]))
    digest = Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(shared_key), text)).lower()
    request = HttpRequestMessage(HttpMethod.Get, address)
    for name, value in {
        "authorization": "NHSMESH " + ":".join([*parts, time, digest]),
        **dict(zip(("mex-clientversion", "mex-osname", "mex-osversion"), headers)),
    }.items():
        request.Headers.Add(name, value)
    return int(HttpClient(handler).Send(request).StatusCode)


def causes(error):
    while error is not None:
        yield f"{type(error).__name__}: {error.Message}"
        error = error.InnerException


def main(consumer, *files):
    reader = {"nel-mesh": nel_mesh, "dotnet-mesh-client": dotnet_mesh_client}[consumer]
    try:
        status = handshake(*reader(*files))
    except DotNetError as error:
        print(" <- ".join(causes(error)))
        return 1
    print(status)
    return 0 if status == 200 else 1


sys.exit(main(*sys.argv[1:]))
