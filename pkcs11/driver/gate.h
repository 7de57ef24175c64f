#pragma once

#include <semaphore>

namespace signet::pkcs11 {

// Lets so many threads be inside the module at the same time. With one it is a mutex.
class Gate {
  public:
    static constexpr int most = 256;

    explicit Gate(int operations) : m_permits(operations) {}

    class Entry {
      public:
        explicit Entry(Gate& gate) : m_gate(gate) { m_gate.m_permits.acquire(); }
        ~Entry() { m_gate.m_permits.release(); }
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;

      private:
        Gate& m_gate;
    };

  private:
    std::counting_semaphore<most> m_permits;
};

}  // namespace signet::pkcs11
