#pragma once

namespace signet {

// For processes that see PINs: no core dump, not dumpable (so no other process of this user can attach
// or read its memory), umask 077. Built with a sanitizer, the process stays dumpable: leak detection
// attaches to it.
void harden_process();

}  // namespace signet
