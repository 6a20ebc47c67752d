import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * PREFIX: connects with the variables of an adaptor as it does, and prints the status of a validation at MESH. One PEM
 * block a variable; the certificate alone and the key in a keystore under the mailbox password; the sub CA alone is
 * trusted.
 */
public class Adaptor {
    private static final Pattern ONE_BLOCK = Pattern.compile("-----BEGIN ([A-Z ]+)-----([^-]+)-----END ([A-Z ]+)-----");

    private static String prefix;

    public static void main(String[] args) throws Exception {
        prefix = args[0];
        char[] password = variable("MAILBOX_PASSWORD").toCharArray();
        if (password.length == 0) {
            throw new IllegalArgumentException("an empty keystore password");
        }
        Certificate[] shown = {certificate("ENDPOINT_CERT")};
        KeyStore keys = empty();
        keys.setKeyEntry("alias", key(), password, shown);
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, password);
        KeyStore trusted = empty();
        trusted.setCertificateEntry("alias", certificate("SUB_CA"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        if (!Boolean.parseBoolean(variable("CERT_VALIDATION"))) {
            throw new IllegalArgumentException("certificates would not be validated");
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        URL address = new URL(variable("HOST") + variable("MAILBOX_ID"));
        HttpsURLConnection connection = (HttpsURLConnection) address.openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());
        connection.setConnectTimeout(20_000);
        connection.setReadTimeout(20_000);
        connection.setRequestProperty("Authorization", authorization());
        connection.setRequestProperty("mex-clientversion", "Reader 1.0.0");
        connection.setRequestProperty("mex-osarchitecture", "x86_64");
        connection.setRequestProperty("mex-osname", "Linux");
        connection.setRequestProperty("mex-osversion", "1");
        System.out.println(connection.getResponseCode());
    }

    private static String variable(String name) {
        return System.getenv(prefix + "_MESH_" + name);
    }

    private static KeyStore empty() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    /** The DER of a variable that is one PEM block and nothing else. */
    private static byte[] der(String name, String label) {
        Matcher block = ONE_BLOCK.matcher(variable(name).strip());
        if (!block.matches() || !block.group(1).equals(label)) {
            throw new IllegalArgumentException("Invalid certificate or key format: " + name);
        }
        return Base64.getMimeDecoder().decode(block.group(2));
    }

    private static Certificate certificate(String name) throws Exception {
        byte[] der = der(name, "CERTIFICATE");
        return CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /** Java itself reads PKCS#8 only: PKCS#1 is put into its envelope. The adaptors leave that to Bouncy Castle. */
    private static PrivateKey key() throws Exception {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        inner.write(HexFormat.of().parseHex("020100300d06092a864886f70d0101010500"));
        inner.write(tagged(0x04, der("ENDPOINT_PRIVATE_KEY", "RSA PRIVATE KEY")));
        byte[] pkcs8 = tagged(0x30, inner.toByteArray());
        return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    private static byte[] tagged(int tag, byte[] content) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(tag);
        all.write(0x82);
        all.write(content.length >> 8);
        all.write(content.length);
        all.writeBytes(content);
        return all.toByteArray();
    }

    private static String authorization() throws Exception {
        String nonce = UUID.randomUUID().toString();
        String at = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMddHHmm"));
        String mailbox = variable("MAILBOX_ID");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(variable("SHARED_KEY").getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        String message = String.join(":", mailbox, nonce, "1", variable("MAILBOX_PASSWORD"), at);
        String hash = HexFormat.of().formatHex(mac.doFinal(message.getBytes(StandardCharsets.UTF_8)));
        return "NHSMESH " + String.join(":", mailbox, nonce, "1", at, hash);
    }
}
