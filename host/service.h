#pragma once

#include "host/admin_service.h"
#include "ipc/blocking_server.h"
#include "token/driver.h"

#include <memory>
#include <string>

namespace signet::host {

// org.signet.token and org.signet.admin on one socket: one thread, one worker.
class Service {
  public:
    explicit Service(token::Driver& driver) : m_driver(driver), m_worker(driver.worker()), m_admin(driver) {}

    // The encoded parameters of the answer.
    Result<std::string> answer(const ipc::IncomingCall& incoming);

  private:
    Result<std::string> answer_token(std::string_view method, const ipc::IncomingCall& incoming);
    Result<std::string> get_inventory(const ipc::IncomingCall& incoming);
    Result<std::string> wait_for_change(const ipc::IncomingCall& incoming);
    Result<std::string> login(const ipc::IncomingCall& incoming);
    Result<std::string> logout(const ipc::IncomingCall& incoming);
    Result<std::string> sign(const ipc::IncomingCall& incoming);
    Result<std::string> decrypt(const ipc::IncomingCall& incoming);
    Result<std::string> derive(const ipc::IncomingCall& incoming);

    token::Driver& m_driver;
    std::unique_ptr<token::Worker> m_worker;
    AdminService m_admin;
};

}  // namespace signet::host
