#pragma once

#include "tests/e2e/workplace.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace signet::test {

// Alice and Erin send mail by `signet sendmail`: with RSA and EC keys on one token, with settings that are
// the same for both, and with the certificates of Bob (RSA) and Carol (EC), whose keys are "bob.key" and
// "carol.key" in the place.
class SendmailFixture : public testing::Test {
  protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite() { s_place.reset(); }

    void SetUp() override;
    // `transport` as TOML has it, `account`: what is said of each of theirs, `further`: other accounts.
    void settings(const std::string& transport, const std::string& account,
                  const std::string& further = {}) const;
    [[nodiscard]] ProcessResult sendmail(std::vector<std::string> arguments, const std::string& mail) const;
    // By that person's key.
    static ProcessResult decrypt(const std::string& mail, const std::string& who);

    // To Bob, and hidden to Carol.
    static std::string mail_of(const std::string& author) {
        return "From: <" + author +
               "@example.test>\r\nTo: bob@example.test\r\nBcc: carol@example.test\r\n"
               "Subject: Plans\r\n\r\nThe secret plan.\r\n";
    }

    inline static const std::string mail_to_bob_and_hidden_carol = mail_of("alice");
    inline static std::unique_ptr<Workplace> s_place;
    TemporaryDirectory m_home;
};

}  // namespace signet::test
