using System.Reflection;
using System.Text.Json;
using Muniment.Events;
using Muniment.Gateway.Policies;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Gateway.Upstreams;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>Policies and upstreams of tenant <c>default</c>, given by the test. What the proxy does not call is not there.</summary>
internal class MemoryDecidingStore : DispatchProxy
{
    private readonly Lock _gate = new();
    private DecidingMessage _message = new(1, [], []);
    private MemoryKeyring _keyring = null!;

    public static (IDecidingStore Store, MemoryDecidingStore Memory) Create(MemoryKeyring keyring)
    {
        IDecidingStore store = DispatchProxy.Create<IDecidingStore, MemoryDecidingStore>();
        var memory = (MemoryDecidingStore)(object)store;
        memory._keyring = keyring;
        return (store, memory);
    }

    /// <summary>Puts a policy (YAML) in force in the place of all others.</summary>
    public void SetPolicy(string? yaml)
    {
        lock (_gate)
        {
            _message = _message with { Version = _message.Version + 1, Policies = yaml is null ? [] : [new PolicyMessage("guard", _message.Version + 1, "sha256:test", yaml, 0, "test")] };
        }
    }

    public void AddUpstream(string name, UpstreamKind kind, string url, string key)
    {
        UpstreamMessage upstream = UpstreamSecrets.Seal(_keyring.Current(TenantId.Default), name, kind, url, JsonSerializer.SerializeToElement(key));
        lock (_gate)
        {
            _message = _message with { Version = _message.Version + 1, Upstreams = [.. _message.Upstreams.Where(u => u.Name != name), upstream] };
        }
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name != nameof(IDecidingStore.DecidingAsync))
        {
            throw new NotSupportedException(targetMethod.Name);
        }

        lock (_gate)
        {
            return Task.FromResult(_message.Version == (long)args![1]! ? new DecidingMessage(_message.Version, [], []) : _message);
        }
    }
}
