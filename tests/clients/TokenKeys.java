import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Collections;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;

// Uses each private key of a token through SunPKCS11 and prints what came out right: "rsa SHA256withRSA".
public class TokenKeys {
    private static final byte[] message = "A message".getBytes();
    private static final byte[] large = new byte[2 << 20];

    public static void main(String[] arguments) throws Exception {
        Provider token = Security.getProvider("SunPKCS11").configure(arguments[0]);
        KeyStore keys = KeyStore.getInstance("PKCS11", token);
        keys.load(null, null);
        for (String alias : Collections.list(keys.aliases())) {
            PrivateKey own = (PrivateKey) keys.getKey(alias, null);
            PublicKey known = keys.getCertificate(alias).getPublicKey();
            if (own.getAlgorithm().equals("RSA")) {
                report(alias, "SHA256withRSA", signs(token, own, known, "SHA256withRSA", message));
                report(alias, "SHA256withRSA 2 MiB", signs(token, own, known, "SHA256withRSA", large));
                report(alias, "decryption", decrypts(token, own, known));
            } else {
                report(alias, "SHA256withECDSA", signs(token, own, known, "SHA256withECDSA", message));
                report(alias, "SHA256withECDSA 2 MiB", signs(token, own, known, "SHA256withECDSA", large));
                report(alias, "agreement", agrees(token, own, known));
            }
        }
    }

    private static void report(String alias, String what, boolean right) {
        System.out.println(alias + " " + what + (right ? "" : " WRONG"));
    }

    private static boolean signs(Provider token, PrivateKey own, PublicKey known, String algorithm, byte[] data)
            throws Exception {
        Signature signer = Signature.getInstance(algorithm, token);
        signer.initSign(own);
        signer.update(data);
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(known);
        verifier.update(data);
        return verifier.verify(signature);
    }

    private static boolean decrypts(Provider token, PrivateKey own, PublicKey known) throws Exception {
        Cipher encryption = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        encryption.init(Cipher.ENCRYPT_MODE, known);
        byte[] ciphertext = encryption.doFinal(message);
        Cipher decryption = Cipher.getInstance("RSA/ECB/PKCS1Padding", token);
        decryption.init(Cipher.DECRYPT_MODE, own);
        return Arrays.equals(decryption.doFinal(ciphertext), message);
    }

    private static boolean agrees(Provider token, PrivateKey own, PublicKey known) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair peer = generator.generateKeyPair();
        return Arrays.equals(secret(KeyAgreement.getInstance("ECDH", token), own, peer.getPublic()),
                secret(KeyAgreement.getInstance("ECDH"), peer.getPrivate(), known));
    }

    private static byte[] secret(KeyAgreement agreement, PrivateKey own, PublicKey other) throws Exception {
        agreement.init(own);
        agreement.doPhase(other, true);
        return agreement.generateSecret();
    }
}
