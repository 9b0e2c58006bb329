# SPDX-License-Identifier: GPL-3.0-or-later
# Userspace ESP.
foreach(noun cipher coalesce ecn flow grace inner mile pace packet place replay ring selector spi_table sum super toobig)
  ikesh_check_test(test_esp_${noun} LABEL unit
    SOURCES test_esp_${noun}.c hex.c dp_packet.c offload_model.c
    LAYERS dataplane ikev2 os base LIBRARIES PkgConfig::CRYPTO Threads::Threads)
endforeach()

foreach(noun child_store stat_store)
  ikesh_check_test(test_esp_${noun} LABEL unit SOURCES test_esp_${noun}.c LAYERS dataplane ikev2 os base)
endforeach()

# A worker without its thread.
foreach(noun rx tx)
  ikesh_check_test(test_esp_${noun} LABEL unit
    SOURCES test_esp_${noun}.c lone_worker.c dp_packet.c offload_model.c
    LAYERS dataplane ikev2 os base LIBRARIES PkgConfig::CRYPTO Threads::Threads)
endforeach()

# Need root; exit 77 where they cannot run.
foreach(noun crew pmtu)
  ikesh_check_test(test_esp_${noun} LABEL unit SOURCES test_esp_${noun}.c dp_pair.c dp_packet.c
    LAYERS dataplane ikev2 os base LIBRARIES Threads::Threads)
  set_tests_properties(test_esp_${noun} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()

# scapy as independent implementation of ESP; exits 77 where it is not installed.
add_executable(esp_oracle esp_oracle.c hex.c)
target_link_libraries(esp_oracle PRIVATE dataplane ikev2 os base ikesh_options)
set_target_properties(esp_oracle PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME esp_scapy
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/esp_scapy.py $<TARGET_FILE:esp_oracle>)
set_tests_properties(esp_scapy PROPERTIES LABELS unit TIMEOUT 300 SKIP_RETURN_CODE 77)
