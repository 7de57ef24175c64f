#pragma once

#include "tests/support/piv_card/applet.h"

namespace signet::test::piv_card {

// Key references of SP 800-73-4 part 1, table 4b.
inline constexpr std::uint8_t pin_reference = 0x80;
inline constexpr std::uint8_t puk_reference = 0x81;
inline constexpr std::uint8_t management_reference = 0x9B;

// The dynamic authentication template of GENERAL AUTHENTICATE: part 2, table 7.
inline constexpr std::uint32_t dynamic_template = 0x7C;
inline constexpr std::uint32_t tag_challenge = 0x81;
inline constexpr std::uint32_t tag_response = 0x82;

// What each instruction does. A handler sees its instruction only and checks P1, P2 and the data.

// pin_commands.cpp
Response verify(Applet& applet, const Command& command);
Response change_reference_data(Applet& applet, const Command& command);
Response reset_retry_counter(Applet& applet, const Command& command);

// object_commands.cpp
Response get_data(Applet& applet, const Command& command);
Response put_data(Applet& applet, const Command& command);

// key_commands.cpp
Response general_authenticate(Applet& applet, const Command& command);
Response generate_key_pair(Applet& applet, const Command& command);

// management_commands.cpp: GENERAL AUTHENTICATE with key 9B
Response authenticate_administrator(Applet& applet, const Command& command);

// vendor_commands.cpp
Response get_version(Applet& applet, const Command& command);
Response get_serial(Applet& applet, const Command& command);
Response get_metadata(Applet& applet, const Command& command);
Response move_key(Applet& applet, const Command& command);
Response import_key(Applet& applet, const Command& command);
Response attest_key(Applet& applet, const Command& command);
Response set_management_key(Applet& applet, const Command& command);
Response set_retries(Applet& applet, const Command& command);
Response reset_application(Applet& applet, const Command& command);

}  // namespace signet::test::piv_card
