#include "tests/module/loaded_module.h"

namespace signet::test {
namespace {

class Deriving : public ModuleTest {
  protected:
    void SetUp() override {
        agent.insert(make_token("alice", 0), {key, make_x25519_key("x", {2})});
        session = open();
        object = find_one(session, CKO_PRIVATE_KEY, "agreement");
    }

    CK_RV derive(CK_OBJECT_HANDLE base, CK_ULONG kdf, Bytes point, Wanted wanted, Bytes shared_info,
                 CK_OBJECT_HANDLE& derived) {
        CK_ECDH1_DERIVE_PARAMS parameters{.kdf = kdf,
                                          .shared_data_len = shared_info.size(),
                                          .shared_data = shared_info.data(),
                                          .public_data_len = point.size(),
                                          .public_data = point.data()};
        CK_MECHANISM mechanism{
            .mechanism = CKM_ECDH1_DERIVE, .pParameter = &parameters, .ulParameterLen = sizeof parameters};
        return module.C_DeriveKey(session, &mechanism, base, wanted.data(), wanted.size(), &derived);
    }
    // What the other side, which has its private key itself, arrives at.
    Bytes theirs(std::optional<HashAlgorithm> kdf = {}, Bytes shared_info = {}, std::uint32_t length = 0) {
        ipc::DeriveCall call;
        call.public_key = public_point(key.key.get());
        call.kdf_hash = kdf;
        call.shared_info = std::move(shared_info);
        call.length = length;
        return *derive_with(other.key.get(), call);
    }
    static Wanted secret_key() {
        return std::move(Wanted().number(CKA_CLASS, CKO_SECRET_KEY).number(CKA_KEY_TYPE, CKK_GENERIC_SECRET));
    }

    TestKey key = make_ec_key("agreement", {1});
    TestKey other = make_ec_key("other", {1});
    CK_SESSION_HANDLE session = 0;
    CK_OBJECT_HANDLE object = 0;
};

TEST_F(Deriving, MakesASecretThatTheProgramCanRead) {
    CK_OBJECT_HANDLE derived = 0;
    ASSERT_EQ(derive(object, CKD_NULL, public_point(other.key.get()), secret_key(), {}, derived), CKR_OK);
    EXPECT_EQ(attribute(session, derived, CKA_VALUE), theirs());
    EXPECT_EQ(number(session, derived, CKA_VALUE_LEN), 32U);
    EXPECT_EQ(attribute(session, derived, CKA_SENSITIVE), Bytes{0});
    EXPECT_EQ(attribute(session, derived, CKA_EXTRACTABLE), Bytes{1});
    EXPECT_EQ(find_one(session, CKO_SECRET_KEY), derived);
    EXPECT_EQ(module.C_DestroyObject(session, derived), CKR_OK);
    EXPECT_EQ(attribute(session, derived, CKA_VALUE), std::nullopt);
}

TEST_F(Deriving, TakesThePointInsideAnOctetStringToo) {
    Bytes point = public_point(other.key.get());
    point.insert(point.begin(), {0x04, 65});
    CK_OBJECT_HANDLE derived = 0;
    ASSERT_EQ(derive(object, CKD_NULL, point, secret_key(), {}, derived), CKR_OK);
    EXPECT_EQ(attribute(session, derived, CKA_VALUE), theirs());
}

TEST_F(Deriving, CutsTheFrontOffARawSecretThatIsTooLong) {
    CK_OBJECT_HANDLE derived = 0;
    auto wanted = secret_key();
    wanted.number(CKA_VALUE_LEN, 16);
    ASSERT_EQ(derive(object, CKD_NULL, public_point(other.key.get()), std::move(wanted), {}, derived),
              CKR_OK);
    const Bytes whole = theirs();
    EXPECT_EQ(attribute(session, derived, CKA_VALUE), Bytes(whole.begin() + 16, whole.end()));
}

TEST_F(Deriving, KnowsTheKeyDerivationFunctions) {
    const std::pair<CK_ULONG, HashAlgorithm> functions[] = {{CKD_SHA1_KDF, HashAlgorithm::sha1},
                                                            {CKD_SHA224_KDF, HashAlgorithm::sha224},
                                                            {CKD_SHA256_KDF, HashAlgorithm::sha256},
                                                            {CKD_SHA384_KDF, HashAlgorithm::sha384},
                                                            {CKD_SHA512_KDF, HashAlgorithm::sha512}};
    for (const auto& [kdf, hash] : functions) {
        CK_OBJECT_HANDLE derived = 0;
        Wanted wanted;
        wanted.number(CKA_CLASS, CKO_SECRET_KEY).number(CKA_KEY_TYPE, CKK_AES).flag(CKA_WRAP, true);
        wanted.number(CKA_VALUE_LEN, 24);
        ASSERT_EQ(
            derive(object, kdf, public_point(other.key.get()), std::move(wanted), bytes_of("info"), derived),
            CKR_OK);
        EXPECT_EQ(attribute(session, derived, CKA_VALUE), theirs(hash, bytes_of("info"), 24));
        EXPECT_EQ(number(session, derived, CKA_KEY_TYPE), CKK_AES);
        EXPECT_EQ(attribute(session, derived, CKA_WRAP), Bytes{1});
    }
}

TEST_F(Deriving, WorksWithX25519) {
    const auto base = find_key_of_type(session, module::ckk_ec_montgomery);
    const auto peer = make_x25519_key("peer", {1});
    CK_OBJECT_HANDLE derived = 0;
    ASSERT_EQ(derive(base, CKD_NULL, public_point(peer.key.get()), secret_key(), {}, derived), CKR_OK);
    EXPECT_EQ(attribute(session, derived, CKA_VALUE)->size(), 32U);
}

TEST_F(Deriving, RefusesKeysThatItCannotKeep) {
    CK_OBJECT_HANDLE derived = 0;
    const Bytes point = public_point(other.key.get());
    EXPECT_EQ(derive(object, CKD_NULL, point, std::move(secret_key().flag(CKA_TOKEN, true)), {}, derived),
              CKR_TOKEN_WRITE_PROTECTED);
    EXPECT_EQ(derive(object, CKD_NULL, point, std::move(secret_key().flag(CKA_SENSITIVE, true)), {}, derived),
              CKR_TEMPLATE_INCONSISTENT);
    EXPECT_EQ(
        derive(object, CKD_NULL, point, std::move(Wanted().number(CKA_CLASS, CKO_PUBLIC_KEY)), {}, derived),
        CKR_TEMPLATE_INCONSISTENT);
    EXPECT_EQ(
        derive(object, CKD_NULL, point, std::move(secret_key().number(CKA_VALUE_LEN, 4096)), {}, derived),
        CKR_KEY_SIZE_RANGE);
    EXPECT_EQ(agent.calls("Derive"), 0);
}

// NSS derives the key that encrypts a mail's key, and then hands the wrapped key to the same slot.
TEST_F(Deriving, MakesAKeyThatUnwraps) {
    CK_OBJECT_HANDLE derived = 0;
    auto wanted = std::move(Wanted().number(CKA_CLASS, CKO_SECRET_KEY).number(CKA_KEY_TYPE, CKK_AES));
    wanted.number(CKA_VALUE_LEN, 16);
    ASSERT_EQ(derive(object, CKD_SHA256_KDF, public_point(other.key.get()), std::move(wanted), {}, derived),
              CKR_OK);
    Bytes wrapped = wrap_with_aes(theirs(HashAlgorithm::sha256, {}, 16), bytes_of("a key of a mail."));
    CK_MECHANISM mechanism{.mechanism = CKM_AES_KEY_WRAP, .pParameter = nullptr, .ulParameterLen = 0};
    Bytes opened;
    ASSERT_EQ(decrypt(session, derived, mechanism, wrapped, opened), CKR_OK);
    EXPECT_EQ(opened, bytes_of("a key of a mail."));
    wrapped.front() ^= 1;
    EXPECT_EQ(decrypt(session, derived, mechanism, wrapped, opened), CKR_ENCRYPTED_DATA_INVALID);
    EXPECT_EQ(decrypt(session, object, mechanism, wrapped, opened), CKR_KEY_HANDLE_INVALID);
    EXPECT_EQ(agent.calls("Decrypt"), 0);
}

TEST_F(Deriving, EndsWithItsSession) {
    CK_OBJECT_HANDLE derived = 0;
    ASSERT_EQ(derive(object, CKD_NULL, public_point(other.key.get()), secret_key(), {}, derived), CKR_OK);
    const auto another = open();
    ASSERT_EQ(module.C_CloseSession(session), CKR_OK);
    EXPECT_EQ(attribute(another, derived, CKA_VALUE), std::nullopt);
}

}  // namespace
}  // namespace signet::test
