#include "desktop/screen_saver_watch.h"

#include <sdbus-c++/Error.h>

#include <string>
#include <utility>

namespace signet::desktop {
namespace {

// The name on the bus is that of the interface.
struct ScreenSaver {
    const char* name;
    const char* path;
};

constexpr ScreenSaver screen_savers[] = {
    {.name = "org.freedesktop.ScreenSaver", .path = "/org/freedesktop/ScreenSaver"},
    {.name = "org.freedesktop.ScreenSaver", .path = "/ScreenSaver"},
    {.name = "org.gnome.ScreenSaver", .path = "/org/gnome/ScreenSaver"},
    {.name = "org.cinnamon.ScreenSaver", .path = "/org/cinnamon/ScreenSaver"},
    {.name = "org.mate.ScreenSaver", .path = "/org/mate/ScreenSaver"},
    {.name = "org.xfce.ScreenSaver", .path = "/org/xfce/ScreenSaver"},
};

}  // namespace

ScreenSaverWatch::ScreenSaverWatch(sdbus::IConnection& connection, std::function<void()> screen_locked)
    : m_screen_locked(std::move(screen_locked)),
      m_bus(sdbus::createProxy(connection, "org.freedesktop.DBus", "/org/freedesktop/DBus")) {
    for (const auto& [name, path] : screen_savers) {
        auto proxy = sdbus::createProxy(connection, name, path);
        proxy->uponSignal("ActiveChanged").onInterface(name).call([this](const bool& active) {
            if (active) {
                m_screen_locked();
            }
        });
        proxy->finishRegistration();
        look(*proxy, name);
        m_screen_savers.push_back(std::move(proxy));
    }
}

// Only one that runs is asked: a call would start it.
void ScreenSaverWatch::look(sdbus::IProxy& screen_saver, const char* name) {
    m_bus->callMethodAsync("NameHasOwner")
        .onInterface("org.freedesktop.DBus")
        .withArguments(std::string(name))
        .uponReplyInvoke([this, &screen_saver, name](const sdbus::Error* error, const bool& runs) {
            if (error != nullptr || !runs) {
                return;
            }
            screen_saver.callMethodAsync("GetActive")
                .onInterface(name)
                .uponReplyInvoke([this](const sdbus::Error* failed, const bool& active) {
                    if (failed == nullptr && active) {
                        m_screen_locked();
                    }
                });
        });
}

}  // namespace signet::desktop
