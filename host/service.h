#pragma once

#include "ipc/blocking_server.h"
#include "token/driver.h"

#include <memory>
#include <string>

namespace signet::host {

// org.signet.token on one socket: one thread, one worker.
class Service {
  public:
    explicit Service(token::Driver& driver) : m_driver(driver), m_worker(driver.worker()) {}

    // The encoded parameters of the answer.
    Result<std::string> answer(const ipc::IncomingCall& incoming);

  private:
    Result<std::string> get_inventory(const ipc::IncomingCall& incoming);
    Result<std::string> wait_for_change(const ipc::IncomingCall& incoming);
    Result<std::string> login(const ipc::IncomingCall& incoming);
    Result<std::string> logout(const ipc::IncomingCall& incoming);
    Result<std::string> sign(const ipc::IncomingCall& incoming);
    Result<std::string> decrypt(const ipc::IncomingCall& incoming);
    Result<std::string> derive(const ipc::IncomingCall& incoming);

    token::Driver& m_driver;
    std::unique_ptr<token::Worker> m_worker;
};

}  // namespace signet::host
