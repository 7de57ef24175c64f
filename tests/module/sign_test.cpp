#include "tests/module/loaded_module.h"

#include <algorithm>

namespace signet::test {
namespace {

using Signing = ModuleTest;

CK_MECHANISM plain(CK_MECHANISM_TYPE type) {
    return {.mechanism = type, .pParameter = nullptr, .ulParameterLen = 0};
}

template <class Parameters>
CK_MECHANISM with(CK_MECHANISM_TYPE type, Parameters& parameters) {
    return {.mechanism = type, .pParameter = &parameters, .ulParameterLen = sizeof parameters};
}

ipc::SignCall expected(SignatureScheme scheme, std::optional<HashAlgorithm> hash, Bytes data, bool message) {
    ipc::SignCall call;
    call.scheme = scheme;
    call.hash = hash;
    call.data = std::move(data);
    call.data_is_message = message;
    return call;
}

// What each hash is called, and the mechanisms that hash with it.
struct Hashing {
    HashAlgorithm hash;
    CK_MECHANISM_TYPE plain;
    CK_ULONG mask;
    CK_MECHANISM_TYPE rsa;
    CK_MECHANISM_TYPE pss;
    CK_MECHANISM_TYPE ecdsa;
};

constexpr Hashing hashings[] = {
    {HashAlgorithm::sha1, CKM_SHA_1, CKG_MGF1_SHA1, CKM_SHA1_RSA_PKCS, CKM_SHA1_RSA_PKCS_PSS, CKM_ECDSA_SHA1},
    {HashAlgorithm::sha224, CKM_SHA224, CKG_MGF1_SHA224, CKM_SHA224_RSA_PKCS, CKM_SHA224_RSA_PKCS_PSS,
     CKM_ECDSA_SHA224},
    {HashAlgorithm::sha256, CKM_SHA256, CKG_MGF1_SHA256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS,
     CKM_ECDSA_SHA256},
    {HashAlgorithm::sha384, CKM_SHA384, CKG_MGF1_SHA384, CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS,
     CKM_ECDSA_SHA384},
    {HashAlgorithm::sha512, CKM_SHA512, CKG_MGF1_SHA512, CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS,
     CKM_ECDSA_SHA512}};

const Bytes message = bytes_of("Content-Type: text/plain\r\n\r\nHello");

TEST_F(Signing, WorksWithEveryRsaMechanism) {
    const auto key = make_rsa_key("rsa", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    Bytes signature;
    for (const Hashing& hashing : hashings) {
        ASSERT_EQ(sign(session, object, plain(hashing.rsa), message, signature), CKR_OK)
            << std::hex << hashing.rsa;
        EXPECT_TRUE(verify_with(
            key.key.get(), expected(SignatureScheme::rsa_pkcs1, hashing.hash, message, true), signature));
    }
    const Bytes raw = bytes_of("whatever DigestInfo the program made");
    ASSERT_EQ(sign(session, object, plain(CKM_RSA_PKCS), raw, signature), CKR_OK);
    EXPECT_TRUE(verify_with(key.key.get(), expected(SignatureScheme::rsa_pkcs1, {}, raw, false), signature));
}

TEST_F(Signing, PassesThePssParametersOn) {
    const auto key = make_rsa_key("rsa", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    CK_RSA_PKCS_PSS_PARAMS parameters{.hash_alg = CKM_SHA256, .mgf = CKG_MGF1_SHA384, .s_len = 20};
    const Bytes digested = digest(HashAlgorithm::sha256, message);
    Bytes signature;
    ASSERT_EQ(sign(session, object, with(CKM_RSA_PKCS_PSS, parameters), digested, signature), CKR_OK);
    auto call = expected(SignatureScheme::rsa_pss, HashAlgorithm::sha256, digested, false);
    call.mask_hash = HashAlgorithm::sha384;
    call.salt_length = 20;
    EXPECT_TRUE(verify_with(key.key.get(), call, signature));

    ASSERT_EQ(sign(session, object, with(CKM_SHA256_RSA_PKCS_PSS, parameters), message, signature), CKR_OK);
    EXPECT_TRUE(verify_with(key.key.get(), call, signature));

    EXPECT_EQ(sign(session, object, with(CKM_RSA_PKCS_PSS, parameters), message, signature),
              CKR_DATA_LEN_RANGE);
    EXPECT_EQ(sign(session, object, with(CKM_SHA512_RSA_PKCS_PSS, parameters), message, signature),
              CKR_MECHANISM_PARAM_INVALID);
    EXPECT_EQ(sign(session, object, plain(CKM_RSA_PKCS_PSS), digested, signature),
              CKR_MECHANISM_PARAM_INVALID);
}

// RFC 8017 section 9.1.1 step 3.
TEST_F(Signing, RefusesASaltThatDoesNotFitTheKey) {
    agent.insert(make_token("alice", 0), {make_rsa_key("rsa", {1})});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    const auto begin = [&](CK_MECHANISM_TYPE type, CK_ULONG salt) {
        CK_RSA_PKCS_PSS_PARAMS parameters{.hash_alg = CKM_SHA256, .mgf = CKG_MGF1_SHA256, .s_len = salt};
        CK_MECHANISM mechanism = with(type, parameters);
        return module.C_SignInit(session, &mechanism, object);
    };
    for (const CK_MECHANISM_TYPE type : {CKM_RSA_PKCS_PSS, CKM_SHA256_RSA_PKCS_PSS}) {
        for (const CK_ULONG salt : {256UL - 32 - 1, 300UL, ~0UL}) {
            EXPECT_EQ(begin(type, salt), CKR_MECHANISM_PARAM_INVALID) << salt;
        }
    }
    ASSERT_EQ(begin(CKM_SHA256_RSA_PKCS_PSS, 256 - 32 - 2), CKR_OK);
    Bytes data = message;
    Bytes signature(256);
    CK_ULONG length = signature.size();
    EXPECT_EQ(module.C_Sign(session, data.data(), data.size(), signature.data(), &length), CKR_OK);
}

TEST_F(Signing, WorksOnEveryCurve) {
    const std::pair<const char*, std::size_t> curves[] = {{"P-256", 64}, {"P-384", 96}, {"P-521", 132}};
    CK_SLOT_ID slot = 0;
    for (const auto& [curve, size] : curves) {
        const auto key = make_ec_key(curve, {1}, curve);
        agent.insert(make_token(curve, static_cast<std::uint32_t>(slot)), {key});
        const auto session = open(slot++);
        const auto object = find_one(session, CKO_PRIVATE_KEY);
        const Bytes digested = digest(HashAlgorithm::sha256, message);
        Bytes signature;
        ASSERT_EQ(sign(session, object, plain(CKM_ECDSA), digested, signature), CKR_OK);
        EXPECT_EQ(signature.size(), size);
        EXPECT_TRUE(
            verify_with(key.key.get(), expected(SignatureScheme::ecdsa, {}, digested, false), signature));
        ASSERT_EQ(sign(session, object, plain(CKM_ECDSA_SHA384), message, signature), CKR_OK);
        EXPECT_TRUE(verify_with(key.key.get(),
                                expected(SignatureScheme::ecdsa, HashAlgorithm::sha384, message, true),
                                signature));
    }
}

TEST_F(Signing, WorksWithEd25519) {
    const auto key = make_ed25519_key("ed", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_key_of_type(session, CKK_EC_EDWARDS);
    Bytes signature;
    ASSERT_EQ(sign(session, object, plain(CKM_EDDSA), message, signature), CKR_OK);
    EXPECT_TRUE(verify_with(key.key.get(), expected(SignatureScheme::eddsa, {}, message, true), signature));
    module::EddsaParameters prehashed{.prehashed = CK_TRUE, .context_length = 0, .context = nullptr};
    EXPECT_EQ(sign(session, object, with(CKM_EDDSA, prehashed), message, signature),
              CKR_MECHANISM_PARAM_INVALID);
}

TEST_F(Signing, CollectsAMessageThatComesInParts) {
    const auto key = make_ec_key("ec", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    CK_MECHANISM mechanism = plain(CKM_ECDSA_SHA256);
    ASSERT_EQ(module.C_SignInit(session, &mechanism, find_one(session, CKO_PRIVATE_KEY)), CKR_OK);
    Bytes part = message;
    ASSERT_EQ(module.C_SignUpdate(session, part.data(), 10), CKR_OK);
    ASSERT_EQ(module.C_SignUpdate(session, part.data() + 10, part.size() - 10), CKR_OK);
    CK_ULONG length = 0;
    ASSERT_EQ(module.C_SignFinal(session, nullptr, &length), CKR_OK);
    Bytes signature(length);
    ASSERT_EQ(module.C_SignFinal(session, signature.data(), &length), CKR_OK);
    EXPECT_TRUE(verify_with(
        key.key.get(), expected(SignatureScheme::ecdsa, HashAlgorithm::sha256, message, true), signature));
    EXPECT_EQ(agent.calls("Sign"), 1);
}

TEST_F(Signing, SendsTheDigestWhereTheMechanismHashes) {
    agent.insert(make_token("rsa", 0), {make_rsa_key("rsa", {1})});
    agent.insert(make_token("ec", 1), {make_ec_key("ec", {1})});
    const auto rsa = open(0);
    const auto ec = open(1);
    const auto rsa_key = find_one(rsa, CKO_PRIVATE_KEY);
    const auto ec_key = find_one(ec, CKO_PRIVATE_KEY);
    for (const Hashing& hashing : hashings) {
        CK_RSA_PKCS_PSS_PARAMS pss{.hash_alg = hashing.plain, .mgf = hashing.mask, .s_len = 20};
        Bytes signature;
        const auto expect_digest = [&] {
            const ipc::SignCall sent = agent.last_sign_call();
            EXPECT_FALSE(sent.data_is_message);
            EXPECT_EQ(sent.hash, hashing.hash);
            EXPECT_EQ(sent.data, digest(hashing.hash, message));
        };
        EXPECT_EQ(sign(rsa, rsa_key, plain(hashing.rsa), message, signature), CKR_OK);
        expect_digest();
        EXPECT_EQ(sign(rsa, rsa_key, with(hashing.pss, pss), message, signature), CKR_OK);
        expect_digest();
        EXPECT_EQ(sign(ec, ec_key, plain(hashing.ecdsa), message, signature), CKR_OK);
        expect_digest();
    }
}

TEST_F(Signing, HasNoLimitForMessagesThatAreHashed) {
    const auto key = make_rsa_key("rsa", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    Bytes large(std::size_t{2} << 20, 'x');
    const auto call = expected(SignatureScheme::rsa_pkcs1, HashAlgorithm::sha256, large, true);
    Bytes signature;
    EXPECT_EQ(sign(session, object, plain(CKM_SHA256_RSA_PKCS), large, signature), CKR_OK);
    EXPECT_TRUE(verify_with(key.key.get(), call, signature));

    CK_MECHANISM mechanism = plain(CKM_SHA256_RSA_PKCS);
    ASSERT_EQ(module.C_SignInit(session, &mechanism, object), CKR_OK);
    const std::size_t part = 100'003;  // no multiple of a hash's block
    for (std::size_t at = 0; at < large.size(); at += part) {
        ASSERT_EQ(module.C_SignUpdate(session, large.data() + at, std::min(part, large.size() - at)), CKR_OK);
    }
    CK_ULONG length = signature.size();
    ASSERT_EQ(module.C_SignFinal(session, signature.data(), &length), CKR_OK);
    EXPECT_TRUE(verify_with(key.key.get(), call, signature));
}

TEST_F(Signing, SignsTheEmptyMessage) {
    const auto key = make_rsa_key("rsa", {1});
    agent.insert(make_token("alice", 0), {key});
    const auto session = open();
    CK_MECHANISM mechanism = plain(CKM_SHA256_RSA_PKCS);
    ASSERT_EQ(module.C_SignInit(session, &mechanism, find_one(session, CKO_PRIVATE_KEY)), CKR_OK);
    Bytes signature(256);
    CK_ULONG length = signature.size();
    ASSERT_EQ(module.C_SignFinal(session, signature.data(), &length), CKR_OK);
    EXPECT_TRUE(verify_with(
        key.key.get(), expected(SignatureScheme::rsa_pkcs1, HashAlgorithm::sha256, {}, true), signature));
}

// Ed25519 signs the message itself.
TEST_F(Signing, RefusesAMessageThatDoesNotFitIntoACall) {
    agent.insert(make_token("alice", 0), {make_ed25519_key("ed", {1})});
    const auto session = open();
    const auto object = find_key_of_type(session, CKK_EC_EDWARDS);
    Bytes longest(std::size_t{720} << 10);
    Bytes signature;
    EXPECT_EQ(sign(session, object, plain(CKM_EDDSA), longest, signature), CKR_OK);
    longest.push_back(0);
    EXPECT_EQ(sign(session, object, plain(CKM_EDDSA), longest, signature), CKR_DATA_LEN_RANGE);
    EXPECT_EQ(agent.calls("Sign"), 1);
}

TEST_F(Signing, GoesOnInPartsOnceItHasBegunSo) {
    agent.insert(make_token("alice", 0), {make_ec_key("ec", {1})});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    CK_MECHANISM mechanism = plain(CKM_ECDSA_SHA256);
    Bytes data = message;
    Bytes signature(64);
    CK_ULONG length = signature.size();
    EXPECT_EQ(module.C_SignUpdate(session, data.data(), data.size()), CKR_OPERATION_NOT_INITIALIZED);
    ASSERT_EQ(module.C_SignInit(session, &mechanism, object), CKR_OK);
    ASSERT_EQ(module.C_SignUpdate(session, data.data(), data.size()), CKR_OK);
    EXPECT_EQ(module.C_SignInit(session, &mechanism, object), CKR_OPERATION_ACTIVE);
    EXPECT_EQ(module.C_Sign(session, data.data(), data.size(), signature.data(), &length),
              CKR_OPERATION_ACTIVE);
    EXPECT_EQ(module.C_SignUpdate(session, nullptr, 1), CKR_ARGUMENTS_BAD);
    EXPECT_EQ(module.C_SignFinal(session, signature.data(), &length), CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Signing, IsOneRoundTripAndQuestionsForTheSizeAreNone) {
    agent.insert(make_token("alice", 0), {make_ec_key("ec", {1})});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    const int before = agent.calls("GetInventory");
    CK_MECHANISM mechanism = plain(CKM_ECDSA);
    Bytes data(32, 7);
    ASSERT_EQ(module.C_SignInit(session, &mechanism, object), CKR_OK);
    CK_ULONG length = 0;
    ASSERT_EQ(module.C_Sign(session, data.data(), data.size(), nullptr, &length), CKR_OK);
    EXPECT_EQ(length, 64U);
    Bytes signature(64);
    length = 63;
    EXPECT_EQ(module.C_Sign(session, data.data(), data.size(), signature.data(), &length),
              CKR_BUFFER_TOO_SMALL);
    EXPECT_EQ(length, 64U);
    EXPECT_EQ(agent.calls("Sign"), 0);
    EXPECT_EQ(module.C_Sign(session, data.data(), data.size(), signature.data(), &length), CKR_OK);
    EXPECT_EQ(agent.calls("Sign"), 1);
    EXPECT_EQ(agent.calls("GetInventory"), before);
    EXPECT_EQ(module.C_Sign(session, data.data(), data.size(), signature.data(), &length),
              CKR_OPERATION_NOT_INITIALIZED);
}

TEST_F(Signing, SendsWhereThePersonCanBeAsked) {
    agent.insert(make_token("alice", 0), {make_ec_key("ec", {1})});
    setenv("DISPLAY", ":42", 1);
    const auto session = open();
    Bytes signature;
    ASSERT_EQ(sign(session, find_one(session, CKO_PRIVATE_KEY), plain(CKM_ECDSA), Bytes(32, 1), signature),
              CKR_OK);
    EXPECT_EQ(agent.last_sign_call().use.environment->display, ":42");
}

TEST_F(Signing, RefusesAKeyThatCannot) {
    auto only_decrypts = make_rsa_key("encrypt", {2});
    only_decrypts.info.signature_schemes.clear();
    agent.insert(make_token("alice", 0), {make_rsa_key("sign", {1}), only_decrypts});
    const auto session = open();
    Bytes signature;
    EXPECT_EQ(
        sign(session, find_one(session, CKO_PRIVATE_KEY, "encrypt"), plain(CKM_RSA_PKCS), message, signature),
        CKR_KEY_FUNCTION_NOT_PERMITTED);
    EXPECT_EQ(sign(session, find_one(session, CKO_PRIVATE_KEY, "sign"), plain(CKM_ECDSA), message, signature),
              CKR_KEY_TYPE_INCONSISTENT);
    EXPECT_EQ(
        sign(session, find_one(session, CKO_PRIVATE_KEY, "sign"), plain(CKM_RSA_X_509), message, signature),
        CKR_MECHANISM_INVALID);
    EXPECT_EQ(
        sign(session, find_one(session, CKO_PUBLIC_KEY, "sign"), plain(CKM_RSA_PKCS), message, signature),
        CKR_KEY_FUNCTION_NOT_PERMITTED);
    EXPECT_EQ(sign(session, 9999, plain(CKM_RSA_PKCS), message, signature), CKR_KEY_HANDLE_INVALID);
}

TEST_F(Signing, DoesNotTrustASignatureOfTheWrongLength) {
    agent.insert(make_token("alice", 0), {make_ec_key("ec", {1})});
    const auto session = open();
    agent.answer_next("Sign", Bytes(2000, 1));
    Bytes signature;
    EXPECT_EQ(sign(session, find_one(session, CKO_PRIVATE_KEY), plain(CKM_ECDSA), Bytes(32, 1), signature),
              CKR_DEVICE_ERROR);
}

struct Translation {
    const char* name;
    ErrorCode code;
    CK_RV expected;
};

class Failures : public ModuleTest, public ::testing::WithParamInterface<Translation> {};

TEST_P(Failures, ReachTheProgramAsWhatTheyAre) {
    agent.insert(make_token("alice", 0), {make_ec_key("ec", {1})});
    const auto session = open();
    const auto object = find_one(session, CKO_PRIVATE_KEY);
    agent.fail_next("Sign", {.code = GetParam().code, .operation = "test", .detail = "test"});
    Bytes signature;
    EXPECT_EQ(sign(session, object, plain(CKM_ECDSA), Bytes(32, 1), signature), GetParam().expected);
    EXPECT_EQ(sign(session, object, plain(CKM_ECDSA), Bytes(32, 1), signature), CKR_OK);
}

INSTANTIATE_TEST_SUITE_P(
    All, Failures,
    ::testing::Values(Translation{"Cancelled", ErrorCode::cancelled, CKR_FUNCTION_CANCELED},
                      Translation{"PinIncorrect", ErrorCode::pin_incorrect, CKR_FUNCTION_CANCELED},
                      Translation{"PinBlocked", ErrorCode::pin_blocked, CKR_PIN_LOCKED},
                      Translation{"NotAllowed", ErrorCode::not_allowed, CKR_FUNCTION_REJECTED},
                      Translation{"TokenRemoved", ErrorCode::token_removed, CKR_DEVICE_REMOVED},
                      Translation{"KeyNotFound", ErrorCode::key_not_found, CKR_KEY_HANDLE_INVALID},
                      Translation{"Unsupported", ErrorCode::unsupported, CKR_MECHANISM_INVALID},
                      Translation{"DriverFailed", ErrorCode::driver_failed, CKR_DEVICE_ERROR},
                      Translation{"Timeout", ErrorCode::timeout, CKR_DEVICE_ERROR}),
    [](const auto& test_case) { return test_case.param.name; });

}  // namespace
}  // namespace signet::test
