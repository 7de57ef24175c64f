#include "tests/module/loaded_module.h"

#include <openssl/rsa.h>

namespace signet::test {
namespace {

class Decrypting : public ModuleTest {
  protected:
    void SetUp() override {
        agent.insert(make_token("alice", 0), {key});
        session = open();
        object = find_one(session, CKO_PRIVATE_KEY);
    }

    TestKey key = make_rsa_key("decrypt", {1});
    Bytes secret = bytes_of("a content encryption key");
    CK_MECHANISM pkcs1{.mechanism = CKM_RSA_PKCS, .pParameter = nullptr, .ulParameterLen = 0};
    CK_SESSION_HANDLE session = 0;
    CK_OBJECT_HANDLE object = 0;
};

TEST_F(Decrypting, WorksWithPkcs1) {
    Bytes plaintext;
    ASSERT_EQ(
        decrypt(session, object, pkcs1, encrypt_with(key.key.get(), secret, RSA_PKCS1_PADDING), plaintext),
        CKR_OK);
    EXPECT_EQ(plaintext, secret);
}

TEST_F(Decrypting, WorksWithOaep) {
    CK_RSA_PKCS_OAEP_PARAMS parameters{.hash_alg = CKM_SHA256,
                                       .mgf = CKG_MGF1_SHA256,
                                       .source = 1,
                                       .source_data = nullptr,
                                       .source_data_len = 0};
    CK_MECHANISM mechanism{
        .mechanism = CKM_RSA_PKCS_OAEP, .pParameter = &parameters, .ulParameterLen = sizeof parameters};
    Bytes plaintext;
    const Bytes ciphertext = encrypt_with(key.key.get(), secret, RSA_PKCS1_OAEP_PADDING, EVP_sha256());
    ASSERT_EQ(decrypt(session, object, mechanism, ciphertext, plaintext), CKR_OK);
    EXPECT_EQ(plaintext, secret);
    Bytes tampered = ciphertext;
    tampered[100] ^= 1;
    EXPECT_EQ(decrypt(session, object, mechanism, tampered, plaintext), CKR_ENCRYPTED_DATA_INVALID);

    unsigned char label[] = {'L'};
    parameters.source_data = label;
    parameters.source_data_len = 1;
    (void)decrypt(session, object, mechanism, ciphertext, plaintext);
    EXPECT_EQ(agent.last_decrypt_call().label, Bytes{'L'});

    parameters.hash_alg = CKM_MD5;
    EXPECT_EQ(decrypt(session, object, mechanism, ciphertext, plaintext), CKR_MECHANISM_PARAM_INVALID);
}

TEST_F(Decrypting, TellsTheSizeWithoutTheAgent) {
    Bytes ciphertext = encrypt_with(key.key.get(), secret, RSA_PKCS1_PADDING);
    ASSERT_EQ(module.C_DecryptInit(session, &pkcs1, object), CKR_OK);
    CK_ULONG length = 0;
    ASSERT_EQ(module.C_Decrypt(session, ciphertext.data(), ciphertext.size(), nullptr, &length), CKR_OK);
    EXPECT_EQ(length, 256U);
    EXPECT_EQ(agent.calls("Decrypt"), 0);
}

TEST_F(Decrypting, DoesNotAskAgainWhenTheBufferWasTooSmall) {
    Bytes ciphertext = encrypt_with(key.key.get(), secret, RSA_PKCS1_PADDING);
    ASSERT_EQ(module.C_DecryptInit(session, &pkcs1, object), CKR_OK);
    Bytes plaintext(4);
    CK_ULONG length = plaintext.size();
    ASSERT_EQ(module.C_Decrypt(session, ciphertext.data(), ciphertext.size(), plaintext.data(), &length),
              CKR_BUFFER_TOO_SMALL);
    ASSERT_EQ(length, secret.size());
    plaintext.resize(length);
    ASSERT_EQ(module.C_Decrypt(session, ciphertext.data(), ciphertext.size(), plaintext.data(), &length),
              CKR_OK);
    EXPECT_EQ(plaintext, secret);
    EXPECT_EQ(agent.calls("Decrypt"), 1);
}

TEST_F(Decrypting, TakesTheCiphertextInParts) {
    Bytes ciphertext = encrypt_with(key.key.get(), secret, RSA_PKCS1_PADDING);
    ASSERT_EQ(module.C_DecryptInit(session, &pkcs1, object), CKR_OK);
    CK_ULONG length = 0;
    ASSERT_EQ(module.C_DecryptUpdate(session, ciphertext.data(), 100, nullptr, &length), CKR_OK);
    EXPECT_EQ(length, 0U);
    ASSERT_EQ(module.C_DecryptUpdate(session, ciphertext.data() + 100, 156, nullptr, &length), CKR_OK);
    Bytes plaintext(256);
    length = plaintext.size();
    ASSERT_EQ(module.C_DecryptFinal(session, plaintext.data(), &length), CKR_OK);
    plaintext.resize(length);
    EXPECT_EQ(plaintext, secret);
}

TEST_F(Decrypting, RefusesACiphertextOfTheWrongLengthByItself) {
    Bytes plaintext;
    EXPECT_EQ(decrypt(session, object, pkcs1, Bytes(255, 1), plaintext), CKR_ENCRYPTED_DATA_LEN_RANGE);
    EXPECT_EQ(decrypt(session, object, pkcs1, Bytes(257, 1), plaintext), CKR_ENCRYPTED_DATA_LEN_RANGE);
    EXPECT_EQ(agent.calls("Decrypt"), 0);
}

TEST_F(Decrypting, DoesNotTrustAPlaintextLongerThanTheModulus) {
    agent.answer_next("Decrypt", Bytes(300, 1));
    Bytes plaintext;
    EXPECT_EQ(decrypt(session, object, pkcs1, Bytes(256, 1), plaintext), CKR_DEVICE_ERROR);
}

}  // namespace
}  // namespace signet::test
