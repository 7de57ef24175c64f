#pragma once

#include "tests/e2e/workplace.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace signet::test {

// Alice sends mail by `signet sendmail`: with her key on a token, with settings of her own, and with the
// certificates of Bob and Carol, whose keys are "bob.key" and "carol.key" in the place.
class SendmailFixture : public testing::Test {
  protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite() { s_place.reset(); }

    void SetUp() override;
    // `transport` as TOML has it, `account`: what is said of hers.
    void settings(const std::string& transport, const std::string& account) const;
    [[nodiscard]] ProcessResult sendmail(std::vector<std::string> arguments, const std::string& mail) const;
    // By that person's key.
    static ProcessResult decrypt(const std::string& mail, const std::string& who);

    inline static const std::string mail_to_bob_and_hidden_carol =
        "From: Alice <alice@example.test>\r\nTo: bob@example.test\r\nBcc: carol@example.test\r\n"
        "Subject: Plans\r\n\r\nThe secret plan.\r\n";
    inline static std::unique_ptr<Workplace> s_place;
    TemporaryDirectory m_home;
};

}  // namespace signet::test
