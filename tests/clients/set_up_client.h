#pragma once

#include "tests/clients/client_test.h"

namespace signet::test {

// A person whose home has nothing of signet yet.
class SetUpClient : public ClientTest {
  protected:
    [[nodiscard]] std::string home(std::string_view name) const { return m_home / name; }
    // What finds that home, the agent and the module.
    [[nodiscard]] Variables variables();
    std::string in_home(const std::vector<std::string>& command, const Variables& further = {});
    // The output of signet setup.
    std::string set_up(const std::string& client, const Variables& further = {});

  private:
    TemporaryDirectory m_home;
};

// With a gpgsm that trusts the root.
class SetUpGpgsm : public SetUpClient {
  protected:
    void SetUp() override;
    void TearDown() override;
    // Its standard output.
    std::string gpgsm(std::vector<std::string> arguments);

  private:
    void trust_root();
};

}  // namespace signet::test
