# signet_install_configured(TEMPLATE DESTINATION): installs what TEMPLATE (NAME.in) says with @SIGNET_BINDIR@ and
# @SIGNET_LIBDIR@ filled in. That happens when it is installed: `cmake --install --prefix` may name another place than
# the build was configured for.
function(signet_install_configured template destination)
  get_filename_component(name ${template} NAME_WLE)
  install(CODE "
    set(SIGNET_BINDIR \"${CMAKE_INSTALL_BINDIR}\")
    set(SIGNET_LIBDIR \"${CMAKE_INSTALL_LIBDIR}\")
    cmake_path(ABSOLUTE_PATH SIGNET_BINDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    cmake_path(ABSOLUTE_PATH SIGNET_LIBDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    configure_file(\"${CMAKE_CURRENT_SOURCE_DIR}/${template}\" \"${CMAKE_CURRENT_BINARY_DIR}/${name}\" @ONLY)")
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name} DESTINATION ${destination})
endfunction()
