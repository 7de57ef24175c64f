// Boost.JSON compiled into this one file: header-only use needs no shared library at start-up.
#include <boost/json/src.hpp>
