#pragma once

#include "tests/support/piv_card/applet.h"

namespace signet::test::piv_card {

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
