#pragma once

namespace signet::test {

inline constexpr const char* alice = "alice@example.test";
inline constexpr const char* bob = "bob@example.test";

}  // namespace signet::test
