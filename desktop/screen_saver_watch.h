#pragma once

#include <sdbus-c++/IConnection.h>
#include <sdbus-c++/IProxy.h>

#include <functional>
#include <memory>
#include <vector>

namespace signet::desktop {

// What screen savers tell on the session bus: that they cover the screen. Desktops that lock it without
// telling logind are heard here.
class ScreenSaverWatch {
  public:
    // `screen_locked` is called also when it is found covered. Call Bus::sent() after this.
    ScreenSaverWatch(sdbus::IConnection& connection, std::function<void()> screen_locked);

  private:
    void look(sdbus::IProxy& screen_saver, const char* name);

    std::function<void()> m_screen_locked;
    std::unique_ptr<sdbus::IProxy> m_bus;
    std::vector<std::unique_ptr<sdbus::IProxy>> m_screen_savers;
};

}  // namespace signet::desktop
