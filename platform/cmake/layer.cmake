# SPDX-License-Identifier: GPL-3.0-or-later

# ikesh_layer(NAME SOURCES a.c b.c LAYERS base os LIBRARIES PkgConfig::MNL)
# One static library per layer; LAYERS are the only ones that it may include and link.
function(ikesh_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LAYERS;LIBRARIES")
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC ${arg_LAYERS} PRIVATE ikesh_options ${arg_LIBRARIES})
endfunction()

# ikesh_check_test(NAME LABEL unit SOURCES test_x.c LAYERS base LIBRARIES ...)
# A Check program, registered with ctest under the label; one that uses threads also under
# "threads", which is what runs under the thread sanitizer.
function(ikesh_check_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL" "SOURCES;LAYERS;LIBRARIES")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LAYERS} ikesh_options PkgConfig::CHECK ${arg_LIBRARIES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set(labels ${arg_LABEL})
  if("Threads::Threads" IN_LIST arg_LIBRARIES)
    list(APPEND labels threads)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT 300)
endfunction()

# ikesh_fuzz_target(NAME SOURCES fuzz_x.c LAYERS ikev2): a libFuzzer program, seeds in tests/fuzz/seeds/NAME.
# Where coverage is measured, a program that plays the seeds, registered with ctest under "fuzz".
function(ikesh_fuzz_target name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LAYERS;LIBRARIES")
  if(IKESH_COVERAGE)
    add_executable(${name} ${arg_SOURCES} replay.c)
    target_link_libraries(${name} PRIVATE ${arg_LAYERS} ikesh_options ${arg_LIBRARIES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${name} ${CMAKE_CURRENT_SOURCE_DIR}/seeds/${name})
    set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 300)
  endif()
  if(NOT IKESH_FUZZ)
    return()
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LAYERS} ikesh_options ${arg_LIBRARIES})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
