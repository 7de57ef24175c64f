#pragma once

#include "tests/piv-driver/driver_desk.h"
#include "tests/support/private_keys.h"
#include "tests/support/results.h"
#include "token/administration.h"
#include "x509/certificate.h"

namespace signet::test {

// A card as its maker delivers it, administered by the driver.
class CardAdministration : public DriverDesk {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE_PROGRAM("yubico-piv-tool");
        SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
        SIGNET_REQUIRE_PROGRAM("openssl");
    }
    void insert_new_card(piv_card::Version firmware = {5, 4, 3},
                         const std::vector<std::string>& settings = {}) {
        insert(piv_card::new_card(12345678, firmware), settings);
        start_driver();
        m_token = token().id;
    }
    token::Administration& administration() { return *driver().administration(); }

    token::PlacedKey generated(const std::string& slot, KeyAlgorithm algorithm) {
        auto placed = administration().generate_key(m_token, m_management_key, algorithm, {.slot = slot});
        EXPECT_TRUE(placed) << placed.error().detail;
        return placed.value_or(token::PlacedKey());
    }
    Bytes certificate_for(ByteView public_key_info) {
        const unsigned char* position = public_key_info.data();
        const x509::KeyPointer key(d2i_PUBKEY(nullptr, &position, static_cast<long>(public_key_info.size())));
        return m_authority.issue(key.get(), "holder", "holder@example.test").der();
    }
    void store(const token::PlacedKey& placed) {
        const auto stored = administration().store_certificate(
            m_token, m_management_key, placed.slot, certificate_for(placed.public_key_info), false);
        ASSERT_TRUE(stored) << stored.error().detail;
    }
    token::SlotDetails slot(const std::string& name) {
        const auto details = administration().details(m_token);
        EXPECT_TRUE(details) << details.error().detail;
        for (const auto& each : details ? details->slots : std::vector<token::SlotDetails>()) {
            if (each.slot == name) {
                return each;
            }
        }
        return {};
    }

    Secret m_management_key = Secret::copy_of(from_hex(InsertedCard::management_key).value()).value();
};

}  // namespace signet::test
