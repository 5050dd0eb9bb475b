using System.Linq.Expressions;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Local.Activations;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Local.Calls;

/// <summary>One method of a grain interface: its flags, what is wrong with its signature, and how to call it.</summary>
internal abstract class GrainMethod
{
    private readonly string? _refusal;
    private readonly int[] _references;

    protected GrainMethod(MethodInfo method)
    {
        Method = method;
        AlwaysInterleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        OneWay = method.IsDefined(typeof(OneWayAttribute));
        ResponseTimeout = (method.GetCustomAttribute<ResponseTimeoutAttribute>() ?? method.DeclaringType!.GetCustomAttribute<ResponseTimeoutAttribute>())?.Timeout;
        ParameterInfo[] parameters = method.GetParameters();
        TokenIndex = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        ActivityName = $"{method.DeclaringType!.Name}/{method.Name}";
        _refusal = MessageTypes.WhyRefused(method);
        _references = [.. parameters.Index().Where(p => p.Item.ParameterType.IsInterface).Select(p => p.Index)];
    }

    public MethodInfo Method { get; }

    public bool AlwaysInterleaves { get; }

    public bool ReadOnly { get; }

    public bool OneWay { get; }

    public TimeSpan? ResponseTimeout { get; }

    /// <summary>Position of the cancellation token among the arguments, or -1.</summary>
    public int TokenIndex { get; }

    public string ActivityName { get; }

    public static GrainMethod Create(MethodInfo method)
    {
        Type returned = method.ReturnType;
        Type result = returned.IsGenericType ? returned.GetGenericArguments()[0] : typeof(Nothing);
        bool isTask = returned == typeof(Task) || returned == typeof(ValueTask)
            || (returned.IsGenericType && (returned.GetGenericTypeDefinition() == typeof(Task<>) || returned.GetGenericTypeDefinition() == typeof(ValueTask<>)));
        if (!isTask || method.IsGenericMethod || method.GetParameters().Any(parameter => parameter.ParameterType.IsByRef))
        {
            throw new NotSupportedException(
                $"{method.DeclaringType}.{method.Name}: a grain method returns Task, Task<T>, ValueTask or ValueTask<T>, is not generic and has no ref, in or out parameters.");
        }
        return (GrainMethod)Activator.CreateInstance(typeof(GrainMethod<>).MakeGenericType(result), method)!;
    }

    /// <summary>Calls it and returns what the interface method returns.</summary>
    public object Call(GrainProxy target, object?[] arguments)
    {
        if (_refusal is not null) throw new CodecNotFoundException(_refusal);
        foreach (int i in _references)
        {
            if (arguments[i] is not (null or GrainProxy)) throw new CodecNotFoundException($"{ActivityName}: hand over this.AsReference<T>(), not the grain itself.");
        }
        return Send(target, arguments);
    }

    protected abstract object Send(GrainProxy target, object?[] arguments);
}

/// <summary>A method whose task gives a <typeparamref name="TResult"/>, or <see cref="Nothing"/>.</summary>
internal sealed class GrainMethod<TResult> : GrainMethod
{
    private readonly Func<object, object?[], Task<TResult>> _invoke;
    private readonly Func<Task<TResult>, object> _wrap;

    public GrainMethod(MethodInfo method) : base(method)
    {
        Type returned = method.ReturnType;
        _wrap = returned == typeof(ValueTask) ? static task => new ValueTask(task)
            : returned.IsValueType ? static task => new ValueTask<TResult>(task)
            : static task => task;

        ParameterExpression target = Expression.Parameter(typeof(object));
        ParameterExpression arguments = Expression.Parameter(typeof(object?[]));
        IEnumerable<Expression> unpacked = method.GetParameters().Select(
            (parameter, i) => Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), parameter.ParameterType));
        Expression call = Expression.Call(Expression.Convert(target, method.DeclaringType!), method, unpacked);
        if (returned.IsValueType) call = Expression.Call(call, returned.GetMethod(nameof(ValueTask.AsTask))!);
        if (typeof(TResult) == typeof(Nothing)) call = Expression.Call(((Func<Task, Task<Nothing>>)ToResult).Method, call);
        _invoke = Expression.Lambda<Func<object, object?[], Task<TResult>>>(call, target, arguments).Compile();
    }

    public Task<TResult> InvokeAsync(object grain, object?[] arguments) => _invoke(grain, arguments);

    protected override object Send(GrainProxy target, object?[] arguments)
    {
        CancellationToken cancelled = TokenIndex < 0 ? CancellationToken.None : (CancellationToken)arguments[TokenIndex]!;
        if (cancelled.IsCancellationRequested) return _wrap(Task.FromCanceled<TResult>(cancelled));

        Call<TResult> call = new(this, target, arguments, cancelled)
        {
            Interleaves = AlwaysInterleaves,
            ReadOnly = ReadOnly,
            Context = RequestContext.Current,
            Source = Activation.Current?.GrainId,
        };
        CallOrigin origin = target.Origin;
        if (!OneWay) origin.Cluster.Deadlines(ResponseTimeout ?? origin.ResponseTimeout).Add(call);
        call.WatchCancellation();
        if (target.Pinned?.TryReceive(call) is not true) origin.Cluster.Send(call, target.GrainId, origin.Silo);
        return _wrap(OneWay ? Task.FromResult<TResult>(default!) : call.Answer);
    }

    private static async Task<Nothing> ToResult(Task task)
    {
        await task;
        return default;
    }
}

/// <summary>The result of a method that returns none.</summary>
internal readonly struct Nothing;
