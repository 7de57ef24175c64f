#pragma once

namespace signet {

// For processes that see PINs: no core dump, not dumpable (so no other process of this user can attach
// or read its memory), umask 077. Built with a sanitizer, the process stays dumpable: leak detection
// attaches to it.
void harden_process();

// After an upgrade the running program's file is gone from its path.
bool executable_was_replaced();

// Ends the process at once with status 0, whatever other threads are doing. Built with AddressSanitizer,
// leaks end it with another status.
[[noreturn]] void end_process();

}  // namespace signet
