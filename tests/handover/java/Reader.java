import java.io.File;
import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;

/** Opens a mailbox of MESH with the elements of a meshclient.cfg: java Reader.java FILE SHAREDKEY, the key that the MESH client carries itself. */
public class Reader {
    public static void main(String[] arguments) throws Exception {
        Document file = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new File(arguments[0]));
        XPath path = XPathFactory.newInstance().newXPath();
        String url = path.evaluate("/MESHConfig/PrimaryURL", file);
        String mailbox = path.evaluate("/MESHConfig/Client/ClientIdentity", file);
        String mailboxPassword = path.evaluate("/MESHConfig/Client/ClientAuthentication", file);
        char[] password = path.evaluate("/MESHConfig/KeyStorePassword", file).toCharArray();

        // One keystore has both: who we are, and whom to believe.
        KeyStore keystore = KeyStore.getInstance("PKCS12");
        try (FileInputStream stream = new FileInputStream(path.evaluate("/MESHConfig/KeyStorePath", file))) {
            keystore.load(stream, password);
        }
        if (!keystore.isKeyEntry("meshclient")) {
            throw new IllegalStateException("no key under meshclient");
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(keystore, password);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(keystore);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);

        String time = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMddHHmm"));
        String nonce = mailbox + ":" + UUID.randomUUID() + ":0";
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(arguments[1].getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        byte[] signed = (nonce + ":" + mailboxPassword + ":" + time).getBytes(StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/messageexchange/" + mailbox))
                .header("Authorization", "NHSMESH " + nonce + ":" + time + ":" + HexFormat.of().formatHex(mac.doFinal(signed)))
                .header("mex-clientversion", "reader==1")
                .header("mex-osname", "Linux")
                .header("mex-osversion", "1")
                .build();
        HttpClient client = HttpClient.newBuilder().sslContext(context).build();
        System.out.println(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
    }
}
