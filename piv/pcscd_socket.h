#pragma once

#include "base/file_descriptor.h"
#include "base/result.h"

#include <filesystem>

namespace signet::piv {

// Tells when pcscd may have come: its socket, or a folder on the way to it, was made or its mode changed.
class PcscdSocketWatch {
  public:
    // $PCSCLITE_CSOCK_NAME, else /run/pcscd/pcscd.comm, as libpcsclite has it.
    static std::filesystem::path socket_path();

    // What happens from now on is seen.
    static Result<PcscdSocketWatch> begin(const std::filesystem::path& socket = socket_path());

    // Blocks until something has happened since begin(). Once.
    Result<void> wait();

  private:
    explicit PcscdSocketWatch(FileDescriptor events) : m_events(std::move(events)) {}

    FileDescriptor m_events;
};

}  // namespace signet::piv
