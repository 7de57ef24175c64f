#include "agent/notices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signet::agent {
namespace {

using testing::ElementsAre;

constexpr const char* now = "2026-11-22T12:00:00Z";
constexpr const char* soon = "2026-12-22T12:00:00Z";

ipc::Certificate certificate(const std::string& key, const std::string& not_after) {
    return {.key = key, .not_after = not_after};
}

std::vector<std::string> ends(const std::vector<ipc::Certificate>& certificates) {
    ipc::Token token;
    token.certificates = certificates;
    std::vector<std::string> times;
    for (const auto* ending : ending_certificates(token, now, soon)) {
        times.push_back(ending->not_after);
    }
    return times;
}

TEST(EndingCertificates, AreThoseOfTheNextDaysTheFirstInFront) {
    EXPECT_THAT(ends({certificate("a", "2026-12-22T11:59:59Z"), certificate("b", "2026-11-22T12:00:00Z"),
                      certificate("c", "2026-12-22T12:00:00Z"), certificate("d", "9999-12-31T23:59:59Z")}),
                ElementsAre("2026-11-22T12:00:00Z", "2026-12-22T11:59:59Z"));
}

TEST(EndingCertificates, AreNoneThatHaveEnded) {
    EXPECT_THAT(ends({certificate("a", "2026-11-22T11:59:59Z"), certificate("b", "1999-01-01T00:00:00Z")}),
                ElementsAre());
}

TEST(EndingCertificates, AreNoneOfOthersKeys) {
    EXPECT_THAT(ends({certificate("", "2026-12-01T00:00:00Z")}), ElementsAre());
}

TEST(EndingCertificates, AreNoneWhoseKeyHasALaterOne) {
    EXPECT_THAT(ends({certificate("a", "2026-12-01T00:00:00Z"), certificate("a", "2027-12-01T00:00:00Z"),
                      certificate("b", "2026-12-02T00:00:00Z")}),
                ElementsAre("2026-12-02T00:00:00Z"));
}

}  // namespace
}  // namespace signet::agent
