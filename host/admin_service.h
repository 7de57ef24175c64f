#pragma once

#include "ipc/admin_types.h"
#include "ipc/blocking_server.h"
#include "token/driver.h"

namespace signet::host {

// org.signet.admin on one socket, for a driver that can administer its tokens.
class AdminService {
  public:
    explicit AdminService(token::Driver& driver) : m_driver(driver) {}

    // The encoded parameters of the answer.
    Result<std::string> answer(const ipc::IncomingCall& incoming);

  private:
    token::Driver& m_driver;
};

}  // namespace signet::host
