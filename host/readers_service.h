#pragma once

#include "ipc/blocking_server.h"

#include <string>

namespace signet::host {

// org.signet.readers on one socket. WatchReaders answers until the caller is gone.
Result<std::string> answer_readers_call(const ipc::IncomingCall& incoming);

}  // namespace signet::host
