import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * URL PASSWORD-FILE (KEYSTORE|- TRUSTSTORE)…: validates mailbox X26ABC1 with each pair of stores, as a MESH client
 * in Java does, and prints the status and the mailbox, or why there is no connection.
 */
public class MutualTls {
    static final String MAILBOX = "X26ABC1";

    public static void main(String[] args) throws Exception {
        char[] password = Files.readString(Path.of(args[1])).toCharArray();
        for (int i = 2; i < args.length; i += 2) {
            System.out.println(handshake(args[0], args[i], args[i + 1], password));
        }
    }

    static String handshake(String url, String keys, String trusted, char[] password) throws Exception {
        KeyManager[] keyManagers = null;
        if (!keys.equals("-")) {
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(open(keys, password), password);
            keyManagers = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(open(trusted, password));
            context.init(keyManagers, trust.getTrustManagers(), null);
            URL address = new URL(url + "/messageexchange/" + MAILBOX);
            HttpsURLConnection connection = (HttpsURLConnection) address.openConnection();
            connection.setSSLSocketFactory(context.getSocketFactory());
            connection.setConnectTimeout(20_000);
            connection.setReadTimeout(20_000);
            connection.setRequestProperty("Authorization", token());
            connection.setRequestProperty("mex-clientversion", "ApiDocs==0.0.1");
            connection.setRequestProperty("mex-osname", "Linux");
            connection.setRequestProperty("mex-osversion", "1");
            connection.setRequestProperty("mex-osarchitecture", "x86_64");
            int status = connection.getResponseCode();
            InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream();
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            return status + " " + (text.contains(MAILBOX) ? MAILBOX : text);
        } catch (Exception error) {
            StringBuilder said = new StringBuilder();
            for (Throwable cause = error; cause != null; cause = cause.getCause()) {
                said.append(cause).append("; ");
            }
            return said.toString().replace('\n', ' ');
        }
    }

    static KeyStore open(String path, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            store.load(in, password);
        }
        return store;
    }

    /** The Authorization header of the MESH API: one token, one request. */
    static String token() throws Exception {
        String nonce = UUID.randomUUID().toString();
        String at = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyyMMddHHmm"));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("TestKey".getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
        String signed = String.join(":", MAILBOX, nonce, "0", "password", at);
        String hash = HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
        return "NHSMESH " + String.join(":", MAILBOX, nonce, "0", at, hash);
    }
}
