"""Makes the messages beside it anew, with a writer that is not ours:
pip install aspose-email-foss==26.3; python tests/data/outlook/make.py
"""

from pathlib import Path

from aspose.email_foss import msg

here = Path(__file__).parent
pem = (here / "../../../src/pki/anchors/int-sub-g2.pem").read_bytes()

attached = msg.MapiMessage.create("Your certificate", "Dear all,\r\nattached.")
attached.add_recipient("a@example.nhs.uk", display_name="A. Engineer")
attached.add_attachment("X26ABC1 réponse.cer", pem, mime_type="application/x-x509-ca-cert")
attached.save(here / "attached.msg")

forwarded = msg.MapiMessage.create("FW: Your certificate", "FYI")
forwarded.add_embedded_message_attachment(attached)
forwarded.save(here / "forwarded.msg")
