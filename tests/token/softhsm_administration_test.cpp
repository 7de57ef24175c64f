// PKCS#11 tokens before their administrator: SoftHSM in this process.
#include "pkcs11/driver/driver.h"
#include "tests/support/certificates.h"
#include "tests/support/octets.h"
#include "tests/support/private_keys.h"
#include "tests/support/requirements.h"
#include "tests/support/results.h"
#include "tests/support/softhsm.h"
#include "token/administration.h"
#include "token/private_key.h"
#include "x509/certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace signet::test {
namespace {

using testing::HasSubstr;

// The module is loaded once and finds its tokens then.
class SoftHsmAdministration : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (!SoftHsm::available()) {
            return;
        }
        shared() = std::make_unique<Shared>();
        for (const char* label : {"keys", "pins"}) {
            shared()->softhsm.init_token(label);
        }
        for (const auto& [name, value] : shared()->softhsm.variables()) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        shared()->driver = pkcs11::Driver::open({.module = SoftHsm::module,
                                                 .sessions = 2,
                                                 .state_directory = shared()->softhsm.directory() / "state"})
                               .value();
    }
    static void TearDownTestSuite() { shared().reset(); }

    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        m_keys = token_id("keys");
    }
    static std::string token_id(const std::string& label) {
        const auto inventory = shared()->driver->inventory().value();
        const auto found = std::find_if(inventory.tokens.begin(), inventory.tokens.end(),
                                        [&label](const token::Token& token) { return token.label == label; });
        return found->id;
    }
    static token::Administration& administration() { return *shared()->driver->administration(); }
    static pkcs11::Driver& driver() { return *shared()->driver; }

    token::SlotDetails slot(const std::string& name) {
        EXPECT_TRUE(driver().login(m_keys, &m_pin));
        const auto details = administration().details(m_keys).value();
        const auto found =
            std::find_if(details.slots.begin(), details.slots.end(),
                         [&name](const token::SlotDetails& each) { return each.slot == name; });
        return found == details.slots.end() ? token::SlotDetails() : *found;
    }
    token::PlacedKey generated(KeyAlgorithm algorithm, const token::KeyPlacement& placement) {
        auto placed = administration().generate_key(m_keys, m_pin, algorithm, placement);
        EXPECT_TRUE(placed) << placed.error().detail;
        return placed.value_or(token::PlacedKey());
    }
    static Bytes certificate_for(ByteView public_key_info) {
        const unsigned char* position = public_key_info.data();
        const x509::KeyPointer key(d2i_PUBKEY(nullptr, &position, static_cast<long>(public_key_info.size())));
        static TestAuthority authority;
        return authority.issue(key.get(), "holder", "holder@example.test").der();
    }

    std::string m_keys;
    Secret m_pin = secret(SoftHsm::pin);

  private:
    struct Shared {
        SoftHsm softhsm;
        std::unique_ptr<pkcs11::Driver> driver;
    };
    static std::unique_ptr<Shared>& shared() {
        static std::unique_ptr<Shared> instance;
        return instance;
    }
};

TEST_F(SoftHsmAdministration, TellsWhatItWantsToSee) {
    const auto details = administration().details(m_keys).value();
    EXPECT_EQ(details.application, "PKCS#11");
    EXPECT_EQ(details.authorization, Authorization::pin);
    EXPECT_EQ(details.id, m_keys);
    EXPECT_FALSE(details.management_algorithm);
}

TEST_F(SoftHsmAdministration, GeneratesKeysThatTakeTheirCertificates) {
    std::vector algorithms{KeyAlgorithm::rsa2048, KeyAlgorithm::p256, KeyAlgorithm::p384, KeyAlgorithm::p521};
    // SoftHSM 2.6.1 leaks the curve's name when it makes such a key.
    if (std::string_view(SIGNET_SANITIZE).empty()) {
        algorithms.push_back(KeyAlgorithm::ed25519);
    }
    for (const auto algorithm : algorithms) {
        SCOPED_TRACE(name_of(algorithm));
        const auto placed = generated(algorithm, {.slot = {}, .label = "mail"});
        EXPECT_EQ(slot(placed.slot).algorithm, algorithm);
        const Bytes der = certificate_for(placed.public_key_info);
        const auto stored = administration().store_certificate(m_keys, m_pin, placed.slot, der, false);
        ASSERT_TRUE(stored) << stored.error().detail;
        EXPECT_EQ(slot(placed.slot).certificate, der);
        EXPECT_EQ(slot(placed.slot).public_key_info, placed.public_key_info);
    }
}

TEST_F(SoftHsmAdministration, ImportsKeys) {
    for (const char* kind : {"rsa:2048", "P-256", "P-384"}) {
        SCOPED_TRACE(kind);
        const auto placed = administration().import_key(
            m_keys, m_pin, private_key_info(shared_key(kind).get()), {.slot = {}, .label = kind});
        ASSERT_TRUE(placed) << placed.error().detail;
        EXPECT_EQ(placed->public_key_info, public_key_info(shared_key(kind).get()));
        EXPECT_EQ(slot(placed->slot).public_key_info, placed->public_key_info);
        EXPECT_EQ(slot(placed->slot).pin_policy, KeyPinPolicy::once);
    }
    EXPECT_EQ(code_of(administration().import_key(m_keys, m_pin, secret("nonsense"), {})),
              ErrorCode::invalid_parameter);
}

TEST_F(SoftHsmAdministration, ImportsAKeyWithItsCertificate) {
    const Secret key = private_key_info(shared_key("P-256").get());
    const Bytes der = certificate_for(public_key_info(shared_key("P-256").get()));
    const auto placed = administration().import_key(m_keys, m_pin, key, {.slot = "d1", .certificate = der});
    ASSERT_TRUE(placed) << placed.error().detail;
    EXPECT_EQ(slot("d1").certificate, der);
    const Secret other = private_key_info(shared_key("P-384").get());
    const auto refused =
        administration().import_key(m_keys, m_pin, other, {.slot = "d2", .certificate = der});
    EXPECT_EQ(code_of(refused), ErrorCode::not_allowed);
    EXPECT_THAT(refused.error().detail, HasSubstr("the key is in slot d2, but its certificate"));
    EXPECT_EQ(slot("d2").public_key_info, public_key_info(shared_key("P-384").get()));
}

TEST_F(SoftHsmAdministration, MakesKeysThatWantThePinEachTime) {
    const auto placed = generated(KeyAlgorithm::p256, {.slot = {}, .pin_policy = KeyPinPolicy::always});
    EXPECT_EQ(slot(placed.slot).pin_policy, KeyPinPolicy::always);
    EXPECT_EQ(code_of(administration().generate_key(m_keys, m_pin, KeyAlgorithm::p256,
                                                    {.touch_policy = KeyTouchPolicy::always})),
              ErrorCode::unsupported);
}

TEST_F(SoftHsmAdministration, OverwritesNothingUnasked) {
    const auto placed = generated(KeyAlgorithm::p256, {.slot = "c1"});
    const Bytes der = certificate_for(placed.public_key_info);
    ASSERT_TRUE(administration().store_certificate(m_keys, m_pin, "c1", der, false));
    EXPECT_EQ(code_of(administration().generate_key(m_keys, m_pin, KeyAlgorithm::p256, {.slot = "c1"})),
              ErrorCode::not_allowed);
    const Bytes renewed = certificate_for(placed.public_key_info);
    EXPECT_EQ(code_of(administration().store_certificate(m_keys, m_pin, "c1", renewed, false)),
              ErrorCode::not_allowed);
    EXPECT_EQ(slot("c1").certificate, der);
    EXPECT_EQ(code_of(administration().store_certificate(
                  m_keys, m_pin, "c1", certificate_for(public_key_info(shared_key("P-256").get())), true)),
              ErrorCode::not_allowed);
    ASSERT_TRUE(administration().store_certificate(m_keys, m_pin, "c1", renewed, true));
    EXPECT_EQ(slot("c1").certificate, renewed);
    const auto other = generated(KeyAlgorithm::p384, {.slot = "c1", .overwrite = true});
    EXPECT_EQ(slot("c1").public_key_info, other.public_key_info);
    EXPECT_TRUE(slot("c1").certificate.empty());
}

TEST_F(SoftHsmAdministration, DeletesCertificatesAndKeys) {
    const auto placed = generated(KeyAlgorithm::p256, {.slot = "d1"});
    ASSERT_TRUE(administration().store_certificate(m_keys, m_pin, "d1",
                                                   certificate_for(placed.public_key_info), false));
    ASSERT_TRUE(administration().delete_certificate(m_keys, m_pin, "d1"));
    EXPECT_TRUE(slot("d1").certificate.empty());
    EXPECT_EQ(code_of(administration().delete_certificate(m_keys, m_pin, "d1")), ErrorCode::key_not_found);
    ASSERT_TRUE(administration().delete_key(m_keys, m_pin, "d1"));
    EXPECT_TRUE(slot("d1").public_key_info.empty());
    EXPECT_EQ(code_of(administration().delete_key(m_keys, m_pin, "d1")), ErrorCode::key_not_found);
    EXPECT_EQ(code_of(administration().delete_key(m_keys, m_pin, "not hex")), ErrorCode::invalid_parameter);
}

TEST_F(SoftHsmAdministration, ChangesNothingWithAWrongPin) {
    EXPECT_EQ(
        code_of(administration().generate_key(m_keys, secret("999999"), KeyAlgorithm::p256, {.slot = "e1"})),
        ErrorCode::pin_incorrect);
    EXPECT_TRUE(slot("e1").public_key_info.empty());
}

TEST_F(SoftHsmAdministration, ChangesAndUnblocksPins) {
    const std::string pins = token_id("pins");
    const Secret so_pin = secret(SoftHsm::so_pin);
    EXPECT_EQ(code_of(administration().change_pin(pins, PinKind::user, m_pin, secret("1"))),
              ErrorCode::invalid_parameter);
    ASSERT_TRUE(administration().change_pin(pins, PinKind::user, m_pin, secret("654321")));
    EXPECT_EQ(code_of(administration().change_pin(pins, PinKind::user, m_pin, secret("111111"))),
              ErrorCode::pin_incorrect);
    const Secret changed = secret("654321");
    ASSERT_TRUE(driver().login(pins, &changed));
    const auto unblocked = administration().unblock_pin(pins, so_pin, secret("222222"));
    ASSERT_TRUE(unblocked) << unblocked.error().detail;
    const Secret set_anew = secret("222222");
    EXPECT_TRUE(driver().login(pins, &set_anew));
    EXPECT_EQ(code_of(administration().unblock_pin(pins, secret("00000000"), secret("333333"))),
              ErrorCode::pin_incorrect);
    ASSERT_TRUE(administration().change_pin(pins, PinKind::unblocking, so_pin, secret("87654321")));
    EXPECT_TRUE(administration().unblock_pin(pins, secret("87654321"), secret("444444")));
}

TEST_F(SoftHsmAdministration, SaysWhatCryptokiDoesNotHave) {
    EXPECT_EQ(code_of(administration().attest(m_keys, "01")), ErrorCode::unsupported);
    EXPECT_EQ(code_of(administration().personalize(m_keys, m_pin)), ErrorCode::unsupported);
    EXPECT_EQ(code_of(administration().reset(m_keys)), ErrorCode::unsupported);
    EXPECT_EQ(code_of(administration().move_key(m_keys, m_pin, "01", "02")), ErrorCode::unsupported);
    EXPECT_EQ(code_of(administration().details("nobody")), ErrorCode::token_not_found);
}

}  // namespace
}  // namespace signet::test
