"""Writes emails and archives around a certificate: python3 containers.py CERTIFICATE FOLDER"""

import base64
import io
import os
import sys
import zipfile
from email.message import EmailMessage

pem = open(sys.argv[1]).read()
der = base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-")))


def message():
    m = EmailMessage()
    m["From"], m["To"], m["Subject"] = "desk@example.org", "a@example.org", "Your certificate"
    m["Date"], m["Message-ID"] = "Fri, 20 Nov 2026 10:00:00 +0000", "<1@example.org>"
    m.set_content("Dear all,\nattached.\n")
    return m


def attached():
    m = message()
    m.add_attachment(der, maintype="application", subtype="x-x509-ca-cert", filename="reply.cer")
    return m


def archive(*members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, content in members:
            z.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def keep(name, content):
    with open(os.path.join(sys.argv[2], name), "wb") as file:
        file.write(content)


keep("attached.eml", bytes(attached()))

both = message()
both.set_content(pem)
both.add_alternative("<html><body>" + "".join(f"<p>{line}</p>" for line in pem.splitlines()) + "</body></html>", subtype="html")
keep("both.eml", bytes(both))

pre = message()
pre.set_content(f"<html><head><style>p {{}}</style></head><body><!-- x --><pre>{pem}</pre>&nbsp;</body></html>", subtype="html")
keep("pre.eml", bytes(pre).replace(b"\n", b"\r\n"))

forwarded = message()
forwarded.add_attachment(attached())
keep("forwarded.eml", bytes(forwarded))

quoted = message()
quoted.set_content(pem, cte="quoted-printable", charset="iso-8859-1")
keep("quoted.eml", b"".join(b"> " + line + b"\n" for line in bytes(quoted).splitlines()))

named = message()
named.add_attachment(pem, filename="réponse.pem")
keep("rfc2231.eml", bytes(named))
keep("two.mbox", b"From a@example.org Fri Nov 20 10:00:00 2026\n" + bytes(attached()) + b"\nFrom b Fri\n" + bytes(both))

sealed = message()
sealed.add_attachment(der, maintype="application", subtype="pkcs7-mime", filename="smime.p7m")
keep("sealed.eml", bytes(sealed))

keep("deflated.zip", archive(("reply.cer", der), ("sub/readme.txt", "Hello")))
keep("stored.zip", archive(("reply.pem", pem), method=zipfile.ZIP_STORED))
keep("nested.zip", archive(("inner.zip", archive(("reply.cer", der)))))
keep("email.zip", archive(("FW.eml", bytes(forwarded))))
keep("lzma.zip", archive(("reply.cer", der), method=zipfile.ZIP_LZMA))
keep("empty.zip", archive())
keep("document.docx", archive(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w/>")))
keep("winmail.dat", bytes([0x78, 0x9F, 0x3E, 0x22, 0, 0, 1, 6, 0x90, 8, 0, 4]))
