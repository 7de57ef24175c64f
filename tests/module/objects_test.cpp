#include "tests/module/loaded_module.h"
#include "x509/certificate.h"

namespace signet::test {
namespace {

using Objects = ModuleTest;

TEST_F(Objects, ShowAPrivateKeyThatStaysOnTheToken) {
    const auto key = make_rsa_key("sign", {0x2a});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    EXPECT_EQ(number(session, object, CKA_KEY_TYPE), CKK_RSA);
    EXPECT_EQ(attribute(session, object, CKA_ID), Bytes{0x2a});
    EXPECT_EQ(attribute(session, object, CKA_LABEL), bytes_of("sign"));
    const std::pair<CK_ATTRIBUTE_TYPE, std::uint8_t> flags[] = {
        {CKA_SENSITIVE, 1}, {CKA_EXTRACTABLE, 0}, {CKA_ALWAYS_AUTHENTICATE, 0},
        {CKA_PRIVATE, 0},   {CKA_SIGN, 1},        {CKA_DECRYPT, 1},
        {CKA_DERIVE, 0},    {CKA_TOKEN, 1},       {CKA_MODIFIABLE, 0}};
    for (const auto& [type, value] : flags) {
        EXPECT_EQ(attribute(session, object, type), Bytes{value}) << std::hex << type;
    }
    EXPECT_EQ(attribute(session, object, CKA_PUBLIC_KEY_INFO), key.info.public_key_info);
    EXPECT_EQ(attribute(session, object, CKA_MODULUS)->size(), 256U);
    EXPECT_EQ(attribute(session, object, CKA_PUBLIC_EXPONENT), (Bytes{1, 0, 1}));
}

TEST_F(Objects, NeverAskForAuthenticationThroughTheProgram) {
    auto key = make_ec_key("always", {1});
    key.info.always_authenticate = true;
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    EXPECT_EQ(attribute(session, find_one(session, CKO_PRIVATE_KEY), CKA_ALWAYS_AUTHENTICATE), Bytes{0});
}

TEST_F(Objects, ShowAnEcPointInsideAnOctetString) {
    const auto key = make_ec_key("ec", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PUBLIC_KEY);
    Bytes point{0x04, 65};
    const Bytes raw = public_point(key.key.get());
    point.insert(point.end(), raw.begin(), raw.end());
    EXPECT_EQ(attribute(session, object, CKA_EC_POINT), point);
    EXPECT_EQ(attribute(session, object, CKA_EC_PARAMS), *from_hex("06082a8648ce3d030107"));
}

TEST_F(Objects, ShowACertificateWithTheFieldsOfItsDer) {
    const auto key = make_ec_key("mail", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_CERTIFICATE);
    const auto der = attribute(session, object, CKA_VALUE);
    const auto certificate = x509::Certificate::from_der(*der);
    ASSERT_TRUE(certificate.has_value());
    EXPECT_EQ(attribute(session, object, CKA_SERIAL_NUMBER), (Bytes{0x02, 0x02, 0x12, 0x34}));
    EXPECT_EQ(attribute(session, object, CKA_SUBJECT), attribute(session, object, CKA_ISSUER));
    EXPECT_EQ(attribute(session, object, CKA_START_DATE), bytes_of("20260101"));
    EXPECT_EQ(attribute(session, object, CKA_END_DATE), bytes_of("20271231"));
    EXPECT_EQ(attribute(session, object, CKA_PUBLIC_KEY_INFO), key.info.public_key_info);
}

TEST_F(Objects, JoinCertificatesToKeysByThePublicKey) {
    const auto key = make_ec_key("mail", {1});
    auto token = make_token("alice", 0);
    token.certificates.push_back(make_certificate(key, "mail"));
    token.certificates[0].object_id = {9, 9, 9};
    agent.insert(token, {key});
    const auto session = open();
    EXPECT_EQ(attribute(session, find_one(session, CKO_CERTIFICATE), CKA_ID), Bytes{1});
}

TEST_F(Objects, GiveKeysThatShareAnIdentifierOnesOfTheirOwn) {
    const auto one = make_ec_key("one", {1});
    const auto two = make_ec_key("two", {1});
    agent.insert(make_token("alice", 0), {one, two});
    const auto session = open();
    const auto id = [&](const std::string& label, CK_OBJECT_CLASS object_class) {
        return attribute(session, find_one(session, object_class, label), CKA_ID);
    };
    EXPECT_EQ(id("one", CKO_PRIVATE_KEY), *from_hex(one.info.id.substr(0, 40)));
    EXPECT_EQ(id("one", CKO_PRIVATE_KEY), id("one", CKO_CERTIFICATE));
    EXPECT_EQ(id("two", CKO_PRIVATE_KEY), id("two", CKO_PUBLIC_KEY));
    EXPECT_NE(id("one", CKO_PRIVATE_KEY), id("two", CKO_PRIVATE_KEY));
}

TEST_F(Objects, DoNotJoinAForeignCertificateThatUsesTheIdentifierOfAKey) {
    const auto key = make_ec_key("mail", {1});
    auto token = make_token("alice", 0);
    token.certificates.push_back(make_certificate(make_ec_key("other", {1}), "other"));
    token.certificates[0].key.clear();
    agent.insert(token, {key});
    const auto session = open();
    EXPECT_EQ(attribute(session, find_one(session, CKO_CERTIFICATE), CKA_ID), Bytes());
}

TEST_F(Objects, HideEdwardsAndMontgomeryKeysFromSearchesThatDoNotNameThem) {
    agent.insert(make_token("alice", 0),
                 {make_ec_key("ec", {1}), make_ed25519_key("ed", {2}), make_x25519_key("x", {3})});
    const auto session = open();
    EXPECT_EQ(find(session, std::move(Wanted().number(CKA_CLASS, CKO_PRIVATE_KEY))).size(), 1U);
    EXPECT_EQ(find(session, std::move(Wanted().number(CKA_CLASS, CKO_PUBLIC_KEY))).size(), 1U);
    EXPECT_NE(find_key_of_type(session, CKK_EC_EDWARDS), CK_INVALID_HANDLE);
    EXPECT_NE(find_key_of_type(session, module::ckk_ec_montgomery), CK_INVALID_HANDLE);
}

TEST_F(Objects, ShowTheProfileOnlyToThoseWhoLookForIt) {
    agent.insert(make_token("alice", 0), {});
    const auto session = open();
    EXPECT_TRUE(find(session).empty());
    const auto profile = find_one(session, module::cko_profile);
    EXPECT_EQ(number(session, profile, module::cka_profile_id), module::ckp_public_certificates_token);
}

TEST_F(Objects, AreFoundInPieces) {
    agent.insert(make_token("alice", 0), {make_ec_key("one", {1}), make_ec_key("two", {2})});
    const auto session = open();
    ASSERT_EQ(module.C_FindObjectsInit(session, nullptr, 0), CKR_OK);
    EXPECT_EQ(module.C_FindObjectsInit(session, nullptr, 0), CKR_OPERATION_ACTIVE);
    CK_OBJECT_HANDLE handles[4] = {};
    CK_ULONG count = 0;
    ASSERT_EQ(module.C_FindObjects(session, handles, 4, &count), CKR_OK);
    EXPECT_EQ(count, 4U);
    ASSERT_EQ(module.C_FindObjects(session, handles, 4, &count), CKR_OK);
    EXPECT_EQ(count, 2U);
    ASSERT_EQ(module.C_FindObjects(session, handles, 4, &count), CKR_OK);
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(module.C_FindObjectsFinal(session), CKR_OK);
    EXPECT_EQ(module.C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Objects, KeepTheirHandlesWhenTheTokenChanges) {
    const auto key = make_ec_key("one", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto before = find_one(session, CKO_PRIVATE_KEY, "one");
    agent.insert(make_token("alice", 0), {key, make_ec_key("two", {2})});
    CK_ULONG count = 0;
    ASSERT_EQ(module.C_GetSlotList(CK_TRUE, nullptr, &count), CKR_OK);
    EXPECT_EQ(find_one(session, CKO_PRIVATE_KEY, "one"), before);
    EXPECT_NE(find_one(session, CKO_PRIVATE_KEY, "two"), before);
}

TEST_F(Objects, AnswerEveryAttributeThatTheyCan) {
    agent.insert(make_token("alice", 0), {make_rsa_key("one", {1})});
    const auto session = open();
    const auto key = find_one(session, CKO_PRIVATE_KEY);
    unsigned char label[16] = {};
    unsigned char modulus[8] = {};
    CK_ATTRIBUTE wanted[] = {{CKA_PRIVATE_EXPONENT, nullptr, 0},
                             {CKA_LABEL, label, sizeof label},
                             {CKA_VENDOR_DEFINED | 7, nullptr, 0},
                             {CKA_MODULUS, modulus, sizeof modulus},
                             {CKA_ID, nullptr, 0}};
    EXPECT_EQ(module.C_GetAttributeValue(session, key, wanted, 5), CKR_BUFFER_TOO_SMALL);
    EXPECT_EQ(wanted[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    EXPECT_EQ(wanted[1].ulValueLen, 3U);
    EXPECT_EQ(wanted[2].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    EXPECT_EQ(wanted[3].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    EXPECT_EQ(wanted[4].ulValueLen, 1U);
    EXPECT_EQ(module.C_GetAttributeValue(session, key, wanted, 1), CKR_ATTRIBUTE_SENSITIVE);
    EXPECT_EQ(module.C_GetAttributeValue(session, key, wanted + 2, 1), CKR_ATTRIBUTE_TYPE_INVALID);
}

TEST_F(Objects, LeaveOutWhatCannotBeParsed) {
    auto token = make_token("alice", 0);
    const auto key = make_ec_key("good", {1});
    token.certificates.push_back(make_certificate(key, "good"));
    token.certificates.push_back({.der = {0x30, 0x84, 0xff, 0xff, 0xff, 0xff},
                                  .label = "bad",
                                  .object_id = {},
                                  .key = {},
                                  .subject = {},
                                  .emails = {},
                                  .not_before = {},
                                  .not_after = {}});
    auto bad_key = make_rsa_key("bad", {2}, 1024);
    bad_key.info.public_key_info.resize(40);
    agent.insert(token, {key, bad_key});
    const auto session = open();
    EXPECT_EQ(find(session).size(), 3U);
}

TEST_F(Objects, CannotBeChanged) {
    agent.insert(make_token("alice", 0), {make_ec_key("one", {1})});
    const auto session = open();
    const auto key = find_one(session, CKO_PRIVATE_KEY);
    Wanted label;
    label.octets(CKA_LABEL, bytes_of("new"));
    EXPECT_EQ(module.C_DestroyObject(session, key), CKR_TOKEN_WRITE_PROTECTED);
    EXPECT_EQ(module.C_SetAttributeValue(session, key, label.data(), 1), CKR_ATTRIBUTE_READ_ONLY);
    CK_OBJECT_HANDLE made = 0;
    EXPECT_EQ(module.C_CreateObject(session, label.data(), 1, &made), CKR_TOKEN_WRITE_PROTECTED);
}

}  // namespace
}  // namespace signet::test
